// Draws QR codes (ISO/IEC 18004) for short texts: bytes, error correction level L, up to version 13, one fixed mask. A
// screen needs no more, and the secret in the code must not reach anyone else's server.

import { svg } from "./dom.mjs";

/** Codewords of error correction in each block, and the number of blocks, of versions 1 to 13 at level L. */
const CORRECTION = [7, 10, 15, 20, 26, 18, 20, 24, 30, 18, 20, 24, 26];
const BLOCKS = [1, 1, 1, 1, 1, 2, 2, 2, 2, 4, 4, 4, 4];
/** The light margin that readers need, in modules. */
const MARGIN = 4;

/** Powers and logarithms in GF(256) with the polynomial 0x11d. */
const EXP = new Uint8Array(512);
const LOG = new Uint8Array(256);
for (let i = 0, x = 1; i < 255; i++, x = x & 128 ? (x << 1) ^ 0x11d : x << 1) {
  EXP[i] = EXP[i + 255] = x;
  LOG[x] = i;
}
const times = (a, b) => (a && b ? EXP[LOG[a] + LOG[b]] : 0);

/**
 * @param {string} text
 * @returns {boolean[][] | null} rows of modules, `true` for dark; `null` if the text is too long
 */
export function modules(text) {
  const bytes = new TextEncoder().encode(text);
  const version = 1 + CORRECTION.findIndex((_, at) => bytes.length + (at < 9 ? 2 : 3) <= dataLength(at + 1));
  if (!version) return null;
  return drawn(version, interleaved(version, padded(version, bytes)));
}

/** The code as an image with a description, or `null` if the text is too long. */
export function qrCode(text, label) {
  const rows = modules(text);
  if (!rows) return null;
  const size = rows.length + 2 * MARGIN;
  const path = rows.flatMap((row, y) => row.map((dark, x) => (dark ? `M${x + MARGIN} ${y + MARGIN}h1v1h-1z` : ""))).join("");
  return svg("svg", { class: "qr", viewBox: `0 0 ${size} ${size}`, role: "img", "aria-label": label },
    svg("rect", { width: size, height: size, fill: "#fff" }),
    svg("path", { d: path, fill: "#000", "shape-rendering": "crispEdges" }));
}

const sizeOf = (version) => 17 + 4 * version;

/** All codewords of a version: the modules that aren't taken by patterns, in eights. */
function totalLength(version) {
  const aligned = version > 1 ? Math.floor(version / 7) + 2 : 0;
  let free = (16 * version + 128) * version + 64;
  if (version > 1) free -= (25 * aligned - 10) * aligned - 55;
  if (version > 6) free -= 36;
  return Math.floor(free / 8);
}

const dataLength = (version) => totalLength(version) - CORRECTION[version - 1] * BLOCKS[version - 1];

function padded(version, bytes) {
  const bits = [];
  const add = (value, length) => {
    for (let i = length - 1; i >= 0; i--) bits.push((value >> i) & 1);
  };
  add(4, 4);
  add(bytes.length, version < 10 ? 8 : 16);
  for (const byte of bytes) add(byte, 8);
  const length = dataLength(version);
  add(0, Math.min(4, 8 * length - bits.length));
  while (bits.length % 8) bits.push(0);
  const words = [];
  for (let i = 0; i < bits.length; i += 8) words.push(bits.slice(i, i + 8).reduce((word, bit) => (word << 1) | bit, 0));
  for (let pad = 0xec; words.length < length; pad ^= 0xec ^ 0x11) words.push(pad);
  return words;
}

/** Splits the data into blocks, adds the error correction of each, and takes from all blocks in turn. */
function interleaved(version, words) {
  const [count, correction] = [BLOCKS[version - 1], CORRECTION[version - 1]];
  const short = Math.floor(words.length / count);
  const longer = words.length % count;
  const blocks = [];
  for (let i = 0, at = 0; i < count; i++) {
    const length = short + (i >= count - longer ? 1 : 0);
    blocks.push(words.slice(at, at + length));
    at += length;
  }
  const divisor = generator(correction);
  const checks = blocks.map((block) => remainder(block, divisor));
  const out = [];
  for (let i = 0; i <= short; i++) for (const block of blocks) if (i < block.length) out.push(block[i]);
  for (let i = 0; i < correction; i++) for (const check of checks) out.push(check[i]);
  return out;
}

/** The Reed-Solomon generator polynomial, without its leading 1. */
function generator(degree) {
  let terms = [1];
  for (let i = 0; i < degree; i++) {
    terms = [...terms, 0].map((term, at) => term ^ times(terms[at - 1] ?? 0, EXP[i]));
  }
  return terms.slice(1);
}

function remainder(block, divisor) {
  const rest = new Array(divisor.length).fill(0);
  for (const word of block) {
    const factor = word ^ rest.shift();
    rest.push(0);
    divisor.forEach((term, at) => (rest[at] ^= times(term, factor)));
  }
  return rest;
}

function drawn(version, words) {
  const size = sizeOf(version);
  const dark = Array.from({ length: size }, () => new Array(size).fill(false));
  const fixed = Array.from({ length: size }, () => new Array(size).fill(false));
  const set = (x, y, value) => {
    if (x < 0 || y < 0 || x >= size || y >= size) return;
    dark[y][x] = Boolean(value);
    fixed[y][x] = true;
  };
  const square = (cx, cy, radius, isDark) => {
    for (let dy = -radius; dy <= radius; dy++) for (let dx = -radius; dx <= radius; dx++) set(cx + dx, cy + dy, isDark(Math.max(Math.abs(dx), Math.abs(dy))));
  };
  for (let i = 0; i < size; i++) {
    set(6, i, i % 2 === 0);
    set(i, 6, i % 2 === 0);
  }
  for (const [x, y] of [[3, 3], [size - 4, 3], [3, size - 4]]) square(x, y, 4, (ring) => ring !== 2 && ring !== 4);
  const centres = alignment(version, size);
  for (const x of centres) {
    for (const y of centres) {
      const inCorner = (x === 6 && y === 6) || (x === 6 && y === size - 7) || (x === size - 7 && y === 6);
      if (!inCorner) square(x, y, 2, (ring) => ring !== 1);
    }
  }
  // Level L (01) and mask 0 (000), with their BCH code and mask, from the standard's table.
  const format = 0b111011111000100;
  const bit = (i) => (format >> i) & 1;
  for (let i = 0; i < 6; i++) set(8, i, bit(i));
  set(8, 7, bit(6));
  set(8, 8, bit(7));
  set(7, 8, bit(8));
  for (let i = 9; i < 15; i++) set(14 - i, 8, bit(i));
  for (let i = 0; i < 8; i++) set(size - 1 - i, 8, bit(i));
  for (let i = 8; i < 15; i++) set(8, size - 15 + i, bit(i));
  set(8, size - 8, true);
  if (version > 6) {
    let rest = version;
    for (let i = 0; i < 12; i++) rest = (rest << 1) ^ ((rest >> 11) * 0x1f25);
    const bits = (version << 12) | rest;
    for (let i = 0; i < 18; i++) {
      const [a, b] = [size - 11 + (i % 3), Math.floor(i / 3)];
      set(a, b, (bits >> i) & 1);
      set(b, a, (bits >> i) & 1);
    }
  }
  // The data goes up and down in columns of two, from the right.
  let at = 0;
  for (let right = size - 1; right > 0; right -= 2) {
    if (right === 6) right = 5;
    for (let step = 0; step < size; step++) {
      const up = ((right + 1) & 2) === 0;
      const y = up ? size - 1 - step : step;
      for (const x of [right, right - 1]) {
        if (fixed[y][x]) continue;
        const value = at < 8 * words.length && (words[at >> 3] >> (7 - (at & 7))) & 1;
        dark[y][x] = Boolean(value) !== ((x + y) % 2 === 0);
        at++;
      }
    }
  }
  return dark;
}

/** The centres of the alignment patterns in a row. */
function alignment(version, size) {
  if (version === 1) return [];
  const count = Math.floor(version / 7) + 2;
  const step = Math.ceil((version * 4 + 4) / (count * 2 - 2)) * 2;
  const centres = [6];
  for (let centre = size - 7; centres.length < count; centre -= step) centres.splice(1, 0, centre);
  return centres;
}

// SVG charts, redrawn at the available width so that their text keeps its size. Each chart is shown above a table of the
// same data.

import { fill, h, svg } from "./dom.mjs";

const HEIGHT = 190;
const LEFT = 34;
const BOTTOM = 24;
const TOP = 8;

/** Width of a day's label, in pixels. */
const LABEL = 46;

/**
 * Stacked columns, one per day.
 * @param {{label: string, parts: Record<string, number>}[]} days
 * @param {Record<string, string>} families names of the layers, from the bottom up
 * @param {string} name for screen readers
 */
export function columns(days, families, name) {
  const most = Math.max(1, ...days.map(({ parts }) => sum(parts)));
  const [top, step] = scale(most);
  return drawn((width) => {
    const y = (value) => TOP + (HEIGHT - TOP - BOTTOM) * (1 - value / top);
    const slot = (width - LEFT) / days.length;
    const bar = Math.min(slot * 0.7, 40);
    const every = Math.ceil(LABEL / slot);
    const picture = frame(width, HEIGHT, name);
    for (let value = 0; value <= top; value += step) {
      picture.append(svg("line", { class: "grid", x1: LEFT, x2: width, y1: y(value), y2: y(value) }));
      picture.append(svg("text", { x: LEFT - 6, y: y(value) + 4, "text-anchor": "end" }, String(value)));
    }
    days.forEach(({ label, parts }, index) => {
      const x = LEFT + slot * index + (slot - bar) / 2;
      let below = 0;
      for (const family of Object.keys(families)) {
        const value = parts[family] ?? 0;
        if (value) picture.append(svg("rect", { class: `fill-${family}`, x, width: bar, y: y(below + value), height: y(below) - y(below + value) }));
        below += value;
      }
      if ((days.length - 1 - index) % every === 0) {
        // A centred label would be cut off at the edge.
        const atEdge = x + bar / 2 + LABEL / 2 > width;
        picture.append(svg("text", { x: atEdge ? width : x + bar / 2, y: HEIGHT - 6, "text-anchor": atEdge ? "end" : "middle" }, label));
      }
    });
    return picture;
  });
}

/**
 * Bars, the longest first.
 * @param {[string, number][]} rows
 * @param {string} name
 */
export function bars(rows, name) {
  const most = Math.max(1, ...rows.map(([, value]) => value));
  const row = 40;
  return drawn((width) => {
    const picture = frame(width, rows.length * row, name);
    rows.forEach(([label, value], index) => {
      const y = index * row;
      const length = Math.max(3, ((width - 40) * value) / most);
      picture.append(svg("text", { x: 0, y: y + 13 }, label));
      picture.append(svg("rect", { class: "fill-failed", x: 0, y: y + 19, width: length, height: 12, rx: 2 }));
      picture.append(svg("text", { x: length + 7, y: y + 30 }, String(value)));
    });
    return picture;
  });
}

export function legend(families) {
  const swatch = (family) => svg("svg", { class: "swatch", viewBox: "0 0 10 10", "aria-hidden": "true" }, svg("rect", { class: `fill-${family}`, width: 10, height: 10, rx: 2 }));
  return h("ul", { class: "legend" }, Object.entries(families).map(([family, name]) => h("li", {}, swatch(family), " ", name)));
}

export const sum = (parts) => Object.values(parts).reduce((all, value) => all + value, 0);

/** The top of a scale and its step: 1, 2, 5 or 10 times a power of ten, for about four steps. */
function scale(most) {
  const rough = most / 4;
  const power = 10 ** Math.floor(Math.log10(Math.max(rough, 1)));
  const step = [1, 2, 5, 10].map((times) => times * power).find((step) => step >= rough);
  return [Math.ceil(most / step) * step, step];
}

function frame(width, height, name) {
  return svg("svg", { class: "chart", viewBox: `0 0 ${width} ${height}`, width, height, role: "img", "aria-label": name });
}

function drawn(draw) {
  const place = h("div", { class: "chart-place" });
  let width = 0;
  new ResizeObserver(() => {
    const now = Math.floor(place.clientWidth);
    if (now < 40 || now === width) return;
    width = now;
    fill(place, draw(width));
  }).observe(place);
  return place;
}

// What can be said of a new password while it is typed: how long it is, and whether it has a pattern that anybody would try.
// Whether it is accepted, the service decides; it knows the lists of common passwords and whose account it is.

/** From this share of neighbours that follow one another on, a password counts as a sequence. */
const MOSTLY = 0.8;
/** Fewer different characters than this make a pattern of any password that is long enough. */
const VARIETY = 4;

/** Keys that lie side by side, on the keyboards of the languages of these pages. */
const ROWS = ["1234567890", "qwertyuiop", "asdfghjkl", "zxcvbnm", "qwertzuiop", "yxcvbnm", "azertyuiop", "qsdfghjklm", "wxcvbn"];

/** As the service counts: in code points, after NFKC. */
export const lengthOf = (password) => [...password.normalize("NFKC")].length;

/**
 * @param {string} password
 * @param {{min: number, max: number, portalName: string}} rules
 * @returns {"portal" | "long" | "short" | "repeats" | "sequence" | "fine"}
 */
export function judge(password, { min, max, portalName }) {
  const letters = [...folded(password)];
  const length = lengthOf(password);
  if (squeezed(password) === squeezed(portalName)) return "portal";
  if (length > max) return "long";
  if (length < min) return "short";
  if (repeats(letters)) return "repeats";
  if (isSequence(letters)) return "sequence";
  return "fine";
}

const folded = (text) => text.normalize("NFKC").toLowerCase();
const squeezed = (text) => folded(text).replace(/[\s._-]/gu, "");

/** Whether it is one piece written twice or more often, or made of hardly any characters. */
function repeats(letters) {
  if (new Set(letters).size < VARIETY) return true;
  // The longest end that is also the beginning, for each beginning of the password (Knuth, Morris, Pratt).
  const border = [0];
  for (let at = 1, have = 0; at < letters.length; at++) {
    while (have > 0 && letters[at] !== letters[have]) have = border[have - 1];
    if (letters[at] === letters[have]) have++;
    border.push(have);
  }
  const piece = letters.length - border[letters.length - 1];
  return piece <= letters.length / 2;
}

/** Whether nearly every character is the next or the previous one of the alphabet, or the key beside the last. */
function isSequence(letters) {
  const neighbours = letters.slice(1).filter((letter, at) => follows(letters[at], letter));
  return neighbours.length >= MOSTLY * (letters.length - 1);
}

function follows(a, b) {
  if (Math.abs(a.codePointAt(0) - b.codePointAt(0)) === 1) return true;
  return ROWS.some((row) => row.includes(a + b) || row.includes(b + a));
}

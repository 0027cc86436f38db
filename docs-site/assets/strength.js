// Feedback on a new password while it is typed: its length, and obvious patterns. The service makes the decision when the
// form is submitted: it knows common passwords, estimates guesses, and knows the account's email address.

/** A password counts as a sequence if at least this share of its neighbouring characters follow one another. */
const SEQUENCE_SHARE = 0.8;
/** A password with fewer different characters than this counts as repetitive. */
const VARIETY = 4;

/** Rows of adjacent keys on QWERTY, QWERTZ and AZERTY keyboards. */
const ROWS = ["1234567890", "qwertyuiop", "asdfghjkl", "zxcvbnm", "qwertzuiop", "yxcvbnm", "azertyuiop", "qsdfghjklm", "wxcvbn"];

/** Counted as the service does: in code points, as typed or after NFKC, whichever is fewer. */
export const lengthOf = (password) => Math.min([...password].length, [...password.normalize("NFKC")].length);

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

/** Whether it repeats one part, or uses very few different characters. */
function repeats(letters) {
  if (new Set(letters).size < VARIETY) return true;
  // For each prefix, the length of its longest proper prefix that is also its suffix (Knuth, Morris, Pratt).
  const border = [0];
  for (let at = 1, have = 0; at < letters.length; at++) {
    while (have > 0 && letters[at] !== letters[have]) have = border[have - 1];
    if (letters[at] === letters[have]) have++;
    border.push(have);
  }
  const piece = letters.length - border[letters.length - 1];
  return piece <= letters.length / 2;
}

/** Whether nearly every character is next to the one before it, in the alphabet or on the keyboard. */
function isSequence(letters) {
  const neighbours = letters.slice(1).filter((letter, at) => follows(letters[at], letter));
  return neighbours.length >= SEQUENCE_SHARE * (letters.length - 1);
}

function follows(a, b) {
  if (Math.abs(a.codePointAt(0) - b.codePointAt(0)) === 1) return true;
  return ROWS.some((row) => row.includes(a + b) || row.includes(b + a));
}

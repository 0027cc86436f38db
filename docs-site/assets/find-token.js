// Finds the token of a link that a mail gateway, an email program or a person has changed on its way: encoded, split over two
// lines, or with text attached.

/** A token is 32 bytes in base64url. Its last character carries only four bits, so it is one of sixteen. */
const TOKEN = /^[\w-]{42}[AEIMQUYcgkosw048]$/;

/** How often a link may have been encoded. */
const MAX_DECODINGS = 4;

/** Invisible characters, and white space with the `=` of a soft line break or the `>` of a quoted line. */
const BREAKS = /[\u00ad\u034f\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]|=?\s+(?:>\s*)*/g;

/** What may stand between the name of the parameter and its value: `=` as typed, and as HTML and quoted-printable write it. */
const NAMED = /token(?:&#(?:61|x3d);|&equals;|[=:"'<\s])*/gi;

/**
 * @param {string} text a URL, a part of one, or text that contains one
 * @returns {string | null}
 */
export function findToken(text) {
  const plain = decoded(text).replace(BREAKS, "").replaceAll("\u2014", "--").replaceAll("\u2013", "--");
  for (const named of plain.matchAll(NAMED)) {
    const token = beginningOf(plain.slice(named.index + named[0].length));
    if (token) return token;
  }
  const unnamed = plain.split(/[^\w-]+/).filter((part) => TOKEN.test(part));
  return unnamed.length === 1 ? unnamed[0] : null;
}

/** The token at the beginning of a value. Soft line breaks may have lost their line break, but not their `=`. */
function beginningOf(value) {
  const [run] = /^[\w=-]*/.exec(value);
  // In quoted-printable, `=` is `=3D`. A token that begins with `3D` by itself is followed by fewer characters.
  const starts = [run.replace(/^3D/i, ""), run].map((start) => start.replaceAll("=", "").slice(0, 43));
  return starts.find((start) => TOKEN.test(start)) ?? null;
}

/** Decodes percent-encoding, as often as it was applied. What isn't valid stays as it is. */
function decoded(text) {
  for (let round = 0; round < MAX_DECODINGS; round++) {
    const next = text.replace(/(?:%[0-9a-f]{2})+/gi, (encoded) => {
      try {
        return decodeURIComponent(encoded);
      } catch {
        return encoded;
      }
    });
    if (next === text) break;
    text = next;
  }
  return text;
}

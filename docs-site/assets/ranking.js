// Finds pages in the search index and ranks them. It only computes, so that tests can run it outside a browser.

const MAX_RESULTS = 12;

/** How much a match counts by where it is. */
const WEIGHTS = { title: 8, words: 8, description: 3, heading: 4, text: 1 };

/** How much a match counts by the kind of match: the same word, its beginning, its stem, or a part of it. */
const SAME = 3;
const BEGINNING = 2;
const STEM = 1.2;
const INSIDE = 0.4;

/** How much a page counts by its readers: everyone, those who look up an error, administrators, operators, developers. */
const AUDIENCES = [1, 0.8, 0.6, 0.5, 0.35];

/** A section for administrators on a page for everyone, in every language. It counts as a page for administrators. */
const FOR_ADMINISTRATORS = /administrator/;

/** A page counts this much more if its title, or one of its search phrases, is the query or contains it. */
const IS_QUERY = 2;
const CONTAINS_QUERY = 1.4;

/** A word without its elided article, as in French: `l'e-mail`. Arabic vowel signs belong to their word. */
const WORD = /(?:(?:[ldjnscmt]|qu)')?(e-mails?|[\p{L}\p{N}][\p{L}\p{N}\p{M}]*(?:'[\p{L}\p{N}]+)*)/gu;

/** `does not` and `doesn't` are the same to a reader. */
const NOT = /\b(do|does|did|is|are|was|were|has|have|had|could|would|should) not\b/g;

/** Text for comparison: lower case, without accents, and of the same length as the original. */
const plain = (text) => text.toLowerCase().replaceAll("’", "'").replace(/[^\x00-\x7f]/g, (unit) => unit.normalize("NFD")[0]);

/** The words of a text, each with its position. */
function wordsIn(text) {
  return [...plain(text).matchAll(WORD)].map((match) => {
    const word = match[1].replace("e-mail", "email").replace(/['\p{M}]/gu, "");
    const at = match.index + match[0].length - match[1].length;
    return { word, at, end: at + match[1].length };
  });
}

const tokens = (text) => wordsIn(text).map(({ word }) => word);

/**
 * Reads the files of the search index.
 * @param {Array[]} entries see `search_index.rs`
 * @param {{prefix?: string, ignored?: string, synonyms?: string}} [language] the prefix of paths, words to ignore, and
 *   groups of synonyms: `login, sign in; spam, junk`
 */
export function read(entries, { prefix = "", ignored = "", synonyms = "" } = {}) {
  /** For each word, the fields that contain it. */
  const places = new Map();
  const fields = [];
  const add = (page, kind, text, part) => {
    for (const word of new Set(tokens(text))) {
      if (!places.has(word)) places.set(word, []);
      places.get(word).push(fields.length);
    }
    fields.push({ page, kind, part });
  };
  const groups = synonyms.split(";").map((group) => group.split(",").map(tokens).filter(({ length }) => length));
  const language = { groups, ignored: new Set(tokens(ignored)) };
  const pages = entries.map(([original, title, description, passages, words, translated, audience], number) => {
    const parts = passages.map(([id, heading, text, code = ""], part) => {
      add(number, "heading", heading, part);
      add(number, "text", `${text} ${code}`, part);
      return { id, heading, text };
    });
    add(number, "title", title);
    add(number, "words", words);
    add(number, "description", description);
    const phrases = [title, ...words.split(",")].map((phrase) => meaning(language, tokens(phrase)));
    return { path: translated ? prefix + original : original, title, description, parts, phrases, weight: AUDIENCES[audience] };
  });
  const known = new Set([...places.keys(), ...groups.flat(2), ...language.ignored]);
  return { ...language, pages, fields, places, known };
}

/** A text without the words to ignore, in which all synonyms are the same. */
const meaning = (language, words) => termsOf(language, words).map((term) => term[0].join(" ")).join(" ");

/**
 * The best pages for a query, best first. A page that lacks some of the words counts less: it can still be what is meant,
 * if it is about the others and the pages with all words only mention them.
 * @returns {{found: {page: object, part?: object}[], exact: boolean, words: Set<string>}} whether nothing had to be
 *   corrected or left out, and the words of the index that match
 */
export function find(index, query) {
  const typed = tokens(plain(query).replace(NOT, "$1n't"));
  const corrected = typed.map((word) => (isKnown(index, word) ? word : nearest(index, word)));
  const words = new Set();
  const terms = termsOf(index, corrected).map((term) => weigh(index, term, words));
  const rated = rate(index, terms, meaning(index, corrected));
  const found = rated.sort((a, b) => b.score - a.score).slice(0, MAX_RESULTS);
  const complete = found.some(({ missing }) => missing === 0);
  return { found, exact: complete && corrected.join() === typed.join(), words };
}

/** The terms of a text. A term is a list of synonyms, each a list of words. */
function termsOf({ groups, ignored }, query) {
  const terms = [];
  for (let at = 0; at < query.length; ) {
    const begins = (phrase) => phrase.every((word, offset) => query[at + offset] === word);
    const group = longest(groups.filter((group) => group.some(begins)), (group) => longest(group.filter(begins)).length);
    const phrase = group ? longest(group.filter(begins)) : [query[at]];
    if (group || !ignored.has(query[at])) terms.push(group ?? [phrase]);
    at += phrase.length;
  }
  return terms.length ? terms : query.map((word) => [[word]]);
}

const longest = (list, size = ({ length }) => length) => list.reduce((best, next) => (!best || size(next) > size(best) ? next : best), undefined);

/** How well each field matches a term, and how rare the term is. Adds the matching words to `words`. */
function weigh(index, alternatives, words) {
  const fits = new Map();
  alternatives.forEach((phrase) => {
    const each = phrase.map((word) => fitsOf(index, word, words));
    for (const [field, first] of each[0]) {
      const fit = Math.min(first, ...each.slice(1).map((other) => other.get(field) ?? 0));
      if (fit > (fits.get(field) ?? 0)) fits.set(field, fit);
    }
  });
  const pages = new Set([...fits.keys()].map((field) => index.fields[field].page));
  return { fits, rarity: Math.log(1 + index.pages.length / (1 + pages.size)) };
}

function fitsOf({ places }, word, words) {
  const fits = new Map();
  for (const [other, fields] of places) {
    const fit = fitOf(other, word);
    if (!fit) continue;
    if (fit > INSIDE) words.add(other);
    for (const field of fields) if (fit > (fits.get(field) ?? 0)) fits.set(field, fit);
  }
  return fits;
}

function fitOf(word, typed) {
  if (word === typed) return SAME;
  if (word.startsWith(typed)) return BEGINNING;
  // "locked" also finds "lock", and "passwords" finds "password".
  const stem = typed.length > 5 ? typed.slice(0, -2) : typed.length > 3 ? typed.slice(0, -1) : typed;
  if (word.startsWith(stem) && word.length <= typed.length) return STEM;
  return typed.length > 3 && word.includes(typed) ? INSIDE : 0;
}

/** Every page that contains a term, with its score, its best part, and the number of terms that it lacks. */
function rate({ pages, fields }, terms, asked) {
  const sheets = new Map();
  terms.forEach(({ fits, rarity }, term) => {
    for (const [field, fit] of fits) {
      const { page, kind, part } = fields[field];
      if (!sheets.has(page)) sheets.set(page, { top: [], description: [], parts: [], named: new Set() });
      const sheet = sheets.get(page);
      const points = WEIGHTS[kind] * fit * rarity * weightOf(pages[page].parts[part]);
      if (kind === "description") sheet.description[term] = points;
      else if (part === undefined) sheet.top[term] = Math.max(points, sheet.top[term] ?? 0);
      else (sheet.parts[part] ??= [])[term] = points + (sheet.parts[part][term] ?? 0);
      if (kind === "heading") sheet.named.add(part);
    }
  });
  return [...sheets].map(([number, { top, description, parts, named }]) => {
    const page = pages[number];
    let score = 0;
    let missing = 0;
    let onTop = 0;
    terms.forEach((_, term) => {
      // Most parts have no match, so the list has gaps.
      const inside = Math.max(0, ...Array.from(parts, (part) => part?.[term] ?? 0));
      const points = (top[term] ?? 0) + (description[term] ?? 0) + inside;
      score += points;
      if (!points) missing++;
      if (top[term]) onTop++;
    });
    const best = bestPart(page.parts, parts);
    // A page that is all about the query opens at its top, unless a part of it is too.
    const inBest = Object.keys(parts[best] ?? []).length;
    const opensAtTop = onTop === terms.length && inBest < terms.length && (!named.has(best) || inBest * 2 <= terms.length);
    const part = opensAtTop ? undefined : page.parts[best];
    const share = 1 - missing / terms.length;
    const factor = page.phrases.includes(asked) ? IS_QUERY : page.phrases.some((phrase) => ` ${phrase} `.includes(` ${asked} `)) ? CONTAINS_QUERY : 1;
    return { page, part, missing, score: score * share ** 2 * factor * page.weight };
  });
}

const weightOf = (part) => (part && FOR_ADMINISTRATORS.test(part.id) ? AUDIENCES[2] : 1);

/** The part with the most terms, and of these the one that fits best. */
function bestPart(all, parts) {
  const rank = (part) => {
    const points = Object.values(parts[part] ?? []);
    return weightOf(all[part]) * points.length * 1e6 + points.reduce((sum, next) => sum + next, 0);
  };
  return [...all.keys()].reduce((best, part) => (rank(part) > rank(best) ? part : best), 0);
}

function isKnown({ known, places }, word) {
  return word.length < 4 || known.has(word) || [...places.keys()].some((other) => fitOf(other, word));
}

/** The most frequent of the known words that differ by the fewest typing mistakes, at most one, or two in a long word. */
function nearest({ known, places }, word) {
  const most = word.length > 7 ? 2 : 1;
  let best = { word, mistakes: most + 1, count: 0 };
  for (const other of known) {
    if (other.length < 3 || Math.abs(other.length - word.length) > most) continue;
    const mistakes = mistakesBetween(other, word);
    // Synonyms may not occur in the index.
    const count = places.get(other)?.length ?? Infinity;
    if (mistakes < best.mistakes || (mistakes === best.mistakes && mistakes <= most && count > best.count)) best = { word: other, mistakes, count };
  }
  return best.word;
}

/** Letters that are missing, added, replaced or swapped with their neighbour. */
export function mistakesBetween(a, b) {
  let [before, last] = [[], [...b, 0].map((_, column) => column)];
  for (let row = 1; row <= a.length; row++) {
    const next = [row];
    for (let column = 1; column <= b.length; column++) {
      const same = a[row - 1] === b[column - 1];
      next[column] = Math.min(last[column] + 1, next[column - 1] + 1, last[column - 1] + (same ? 0 : 1));
      if (row > 1 && column > 1 && a[row - 1] === b[column - 2] && a[row - 2] === b[column - 1]) {
        next[column] = Math.min(next[column], before[column - 2] + 1);
      }
    }
    [before, last] = [last, next];
  }
  return last[b.length];
}

/** A text in pieces: `[text, whether it matches]`. */
export function marked(text, words) {
  const pieces = [];
  let done = 0;
  for (const { word, at, end } of wordsIn(text).filter(({ word }) => words.has(word))) {
    pieces.push([text.slice(done, at), false], [text.slice(at, end), true]);
    done = end;
  }
  return [...pieces, [text.slice(done), false]].filter(([piece]) => piece);
}

/** Context around a match in an excerpt, in characters. */
const CONTEXT = 70;

/** The text around the first matching word. */
export function excerpt(text, words) {
  const middle = wordsIn(text).find(({ word }) => words.has(word))?.at ?? 0;
  const from = middle > CONTEXT ? text.indexOf(" ", middle - CONTEXT) + 1 : 0;
  const to = Math.min(text.length, middle + 2 * CONTEXT);
  const end = to < text.length ? text.lastIndexOf(" ", to) : to;
  return (from > 0 ? "… " : "") + text.slice(from, Math.max(end, from)) + (end < text.length ? " …" : "");
}

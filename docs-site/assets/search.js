// Site search. It runs in the browser: the index is a static file that is loaded when the user starts to search.

const form = document.querySelector("[data-index]");
const box = form.elements.q;
const status = document.querySelector("[data-status]");
const list = document.querySelector("[data-found]");
const elsewhere = document.querySelector("[data-elsewhere]");
const otherwise = document.querySelector("[data-otherwise]");

const MAX_RESULTS = 12;
/** Context around a match in an excerpt, in characters. */
const CONTEXT = 70;

let index;
function load() {
  index ??= Promise.all(form.dataset.index.split(" ").map(part)).then((parts) => parts.flat().map(page));
  return index;
}

async function part(path) {
  const response = await fetch(path, { signal: AbortSignal.timeout(20_000) });
  if (!response.ok) throw new Error(`${path}: ${response.status}`);
  return response.json();
}

/** Text for comparison: lower case, without accents, and of the same length as the original. */
const plain = (text) => text.toLowerCase().replaceAll("’", "'").replace(/[^\x00-\x7f]/g, (unit) => unit.normalize("NFD")[0]);

function page([original, title, description, passages, name, translated]) {
  const path = translated ? form.dataset.prefix + original : original;
  const parts = passages.map(([id, heading, text]) => ({ id, heading, text, inHeading: plain(heading), inText: plain(text) }));
  return { path, title, description, inTitle: plain(title), inDescription: plain(`${name} ${description}`), parts };
}

const termsOf = (query) => plain(query).match(/[\p{L}\p{N}_'.@-]*[\p{L}\p{N}]/gu) ?? [];

/** How well a term matches: whole words score higher than prefixes, prefixes higher than matches inside a word. */
function fit(text, term) {
  let best = 0;
  for (let at = text.indexOf(term); at >= 0 && best < 3; at = text.indexOf(term, at + 1)) {
    const begins = at === 0 || !/[\p{L}\p{N}]/u.test(text[at - 1]);
    const ends = !/[\p{L}\p{N}]/u.test(text[at + term.length] ?? " ");
    best = Math.max(best, begins ? (ends ? 3 : 2) : term.length > 3 ? 0.4 : 0);
  }
  return best;
}

/** Pages that contain every term, best match first, each with its best passage. */
function find(pages, terms) {
  const found = [];
  for (const page of pages) {
    const score = { total: 0, part: page.parts[0], ofPart: -1 };
    const scores = page.parts.map(() => 0);
    const hasAll = terms.every((term) => {
      const outside = 8 * fit(page.inTitle, term) + 3 * fit(page.inDescription, term);
      let inside = 0;
      page.parts.forEach((part, at) => {
        const here = 4 * fit(part.inHeading, term) + fit(part.inText, term);
        scores[at] += here;
        inside = Math.max(inside, here);
      });
      score.total += outside + inside;
      return outside + inside > 0;
    });
    if (!hasAll) continue;
    scores.forEach((here, at) => {
      if (here > score.ofPart) [score.part, score.ofPart] = [page.parts[at], here];
    });
    found.push({ page, part: score.part, score: score.total });
  }
  return found.sort((a, b) => b.score - a.score).slice(0, MAX_RESULTS);
}

/** A word from the index that differs from a misspelt term by one letter or two swapped letters. */
function nearest(pages, term) {
  if (term.length < 4 || pages.some((page) => find([page], [term]).length)) return term;
  const words = new Set();
  for (const page of pages) {
    for (const text of [page.inTitle, page.inDescription, ...page.parts.flatMap((part) => [part.inHeading, part.inText])]) {
      for (const word of text.match(/[\p{L}\p{N}]+/gu) ?? []) words.add(word);
    }
  }
  return [...words].find((word) => oneApart(word, term)) ?? term;
}

function oneApart(a, b) {
  if (Math.abs(a.length - b.length) > 1) return false;
  let at = 0;
  while (at < a.length && a[at] === b[at]) at++;
  const restOf = (text, skipped) => text.slice(at + skipped);
  return (
    restOf(a, 1) === restOf(b, 1) ||
    restOf(a, 1) === restOf(b, 0) ||
    restOf(a, 0) === restOf(b, 1) ||
    (a[at] === b[at + 1] && a[at + 1] === b[at] && restOf(a, 2) === restOf(b, 2))
  );
}

let turn = 0;
async function search() {
  const mine = ++turn;
  const terms = termsOf(box.value);
  const address = terms.length ? `?q=${encodeURIComponent(box.value)}` : location.pathname;
  history.replaceState(null, "", address);
  let pages;
  try {
    pages = await load();
  } catch {
    index = undefined;
    if (mine === turn) say("failed", []);
    return;
  }
  // The user may have typed more in the meantime.
  if (mine !== turn) return;
  if (!terms.length) return say(null, []);
  const found = find(pages, terms);
  if (found.length) return say(found.length === 1 ? "one" : "many", found, terms);
  const near = terms.map((term) => nearest(pages, term));
  const instead = find(pages, near);
  say(instead.length ? "near" : "none", instead, near);
}

function say(what, found, terms = []) {
  if (elsewhere) elsewhere.search = location.search;
  status.textContent = what ? status.dataset[what].replace("{count}", found.length) : "";
  list.replaceChildren(...found.map((one) => row(one, terms)));
  otherwise.hidden = found.length > 0;
}

function row({ page, part }, terms) {
  const item = document.createElement("li");
  const link = item.appendChild(document.createElement("a"));
  link.href = page.path + (part?.id ? `#${part.id}` : "");
  link.appendChild(marked(page.title, terms));
  if (part?.heading) {
    const where = item.appendChild(document.createElement("span"));
    where.appendChild(marked(part.heading, terms));
  }
  const text = item.appendChild(document.createElement("p"));
  text.appendChild(marked(excerpt(part?.text || page.description, terms), terms));
  return item;
}

/** Text around the first matching term. */
function excerpt(text, terms) {
  const low = plain(text);
  const first = Math.min(...terms.map((term) => low.indexOf(term)).filter((at) => at >= 0));
  const middle = Number.isFinite(first) ? first : 0;
  const from = middle > CONTEXT ? low.indexOf(" ", middle - CONTEXT) + 1 : 0;
  const to = Math.min(text.length, middle + 2 * CONTEXT);
  const end = to < text.length ? text.lastIndexOf(" ", to) : to;
  return (from > 0 ? "… " : "") + text.slice(from, Math.max(end, from)) + (end < text.length ? " …" : "");
}

/** The text with the terms highlighted. Inserted as text, never as HTML. */
function marked(text, terms) {
  const piece = document.createDocumentFragment();
  const low = plain(text);
  let done = 0;
  while (done < text.length) {
    const hits = terms.map((term) => [low.indexOf(term, done), term.length]).filter(([at]) => at >= 0);
    if (!hits.length) break;
    const [at, length] = hits.reduce((a, b) => (b[0] < a[0] || (b[0] === a[0] && b[1] > a[1]) ? b : a));
    piece.append(text.slice(done, at));
    piece.appendChild(document.createElement("mark")).textContent = text.slice(at, at + length);
    done = at + length;
  }
  piece.append(text.slice(done));
  return piece;
}

box.addEventListener("focus", () => load().catch(() => (index = undefined)), { once: true });
box.addEventListener("input", search);
form.addEventListener("submit", (event) => {
  event.preventDefault();
  list.querySelector("a")?.click();
});
addEventListener("keydown", (event) => {
  const { key } = event;
  if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
  const stops = [box, ...list.querySelectorAll("a")];
  const at = stops.indexOf(document.activeElement);
  if (key === "/" && document.activeElement !== box) {
    box.focus();
    box.select();
  } else if (key === "ArrowDown" && at >= 0 && at + 1 < stops.length) {
    stops[at + 1].focus();
  } else if (key === "ArrowUp" && at > 0) {
    stops[at - 1].focus();
  } else if (key === "Escape" && at > 0) {
    box.focus();
  } else {
    return;
  }
  event.preventDefault();
});

box.value = new URLSearchParams(location.search).get("q") ?? "";
box.focus();
if (box.value) search();

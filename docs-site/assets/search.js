// Site search. It runs in the browser: the index is a static file that is loaded when the user starts to search.

import { excerpt, find, marked, read } from "./ranking.js";

const form = document.querySelector("[data-index]");
const box = form.elements.q;
const status = document.querySelector("[data-status]");
const list = document.querySelector("[data-found]");
const elsewhere = document.querySelector("[data-elsewhere]");
const otherwise = document.querySelector("[data-otherwise]");

let index;
function load() {
  index ??= Promise.all(form.dataset.index.split(" ").map(part)).then((parts) => read(parts.flat(), form.dataset));
  return index;
}

async function part(path) {
  const response = await fetch(path, { signal: AbortSignal.timeout(20_000) });
  if (!response.ok) throw new Error(`${path}: ${response.status}`);
  return response.json();
}

let turn = 0;
async function search() {
  const mine = ++turn;
  const query = box.value.trim();
  history.replaceState(null, "", query ? `?q=${encodeURIComponent(box.value)}` : location.pathname);
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
  if (!query) return say(null, []);
  const { found, exact, words } = find(pages, query);
  say(found.length === 0 ? "none" : !exact ? "near" : found.length === 1 ? "one" : "many", found, words);
}

function say(what, found, words) {
  if (elsewhere) elsewhere.search = location.search;
  status.textContent = what ? status.dataset[what].replace("{count}", found.length) : "";
  list.replaceChildren(...found.map((one) => row(one, words)));
  otherwise.hidden = found.length > 0;
}

function row({ page, part }, words) {
  const item = document.createElement("li");
  const link = item.appendChild(document.createElement("a"));
  link.href = page.path + (part?.id ? `#${part.id}` : "");
  link.appendChild(highlighted(page.title, words));
  if (part?.heading) item.appendChild(document.createElement("span")).appendChild(highlighted(part.heading, words));
  item.appendChild(document.createElement("p")).appendChild(highlighted(excerpt(part?.text || page.description, words), words));
  return item;
}

/** The text with the matching words highlighted. Inserted as text, never as HTML. */
function highlighted(text, words) {
  const piece = document.createDocumentFragment();
  for (const [part, matches] of marked(text, words)) {
    if (matches) piece.appendChild(document.createElement("mark")).textContent = part;
    else piece.append(part);
  }
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

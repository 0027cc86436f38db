// The audit log: who did what to whom.

import { call } from "./api.mjs";
import { badge, empty, fill, h, one, table } from "./dom.mjs";
import { filters } from "./filters.mjs";
import { load, open } from "./frame.mjs";
import { offerMore } from "./mail-list.mjs";
import { startOfDay, time, withTimes } from "./times.mjs";
import { ROLE, plain } from "./words.mjs";

const COLUMNS = ["When", "What", "By", "To", "Outcome", "From"];
const place = one("[data-list]");

function show({ actor, target, from, to }) {
  const days = { from: from && startOfDay(from), to: to && startOfDay(to, 1) };
  // People are known by their address; the log knows them by their id.
  const people = Promise.all([actor && idOf(actor), target && idOf(target)]);
  const page = async (cursor) => {
    const [by, to] = await people;
    const query = { ...days, actor: by ?? actor, target: to ? `user:${to}` : isAddress(target) ? `suppression:${target}` : target };
    return call("GET", "/api/admin/audit-log", { query: { ...query, limit: 50, cursor } });
  };
  place.replaceChildren();
  load(place, page, ({ entries, next_cursor }) => {
    if (!entries.length) return fill(place, empty("Nothing fits these filters."));
    const list = table("What was done", COLUMNS, entries.map(row));
    const more = h("div", {});
    fill(place, list, more);
    nameEverybody();
    offerMore(more, next_cursor, page, (next) => {
      one("tbody", list).append(...one("tbody", table("", COLUMNS, next.entries.map(row))).children);
      nameEverybody();
      return next.next_cursor;
    });
  });
}

const isAddress = (text) => /^[^\s:]+@\S+$/.test(text ?? "");

/** The id of the user who has an address; nothing for what is no address, or nobody's. */
async function idOf(text) {
  if (!isAddress(text)) return undefined;
  const { users } = await call("GET", "/api/admin/users", { query: { query: text, limit: 10 } });
  return users.find(({ email }) => email.toLowerCase() === text.toLowerCase())?.id;
}

function row({ at, actor, action, target, outcome, detail, ip }) {
  const by = h("span", {}, person(actor.user_id), " ", h("span", { class: "hint" }, ROLE[actor.role] ?? actor.role, actor.api_key && ", by an API key"));
  return [
    time(at, { exact: true }),
    h("span", {}, h("strong", {}, plain(action)), detail && h("span", { class: "said" }, inWords(detail))),
    by,
    aim(target),
    badge(plain(outcome), outcome === "done" ? "good" : "bad"),
    ip ? h("code", {}, ip) : "–",
  ];
}

/** A detail names an email by its id, and times as programs read them. */
const inWords = (detail) =>
  detail.split(/\bemail ([0-9A-HJKMNP-TV-Z]{26})\b/).flatMap((part, index) => (index % 2 ? anEmail(part) : withTimes(part)));

const anEmail = (id) => h("a", { href: `/admin/email/?id=${encodeURIComponent(id)}` }, "an email");

const person = (id) => h("a", { href: `/admin/user/?id=${encodeURIComponent(id)}`, "data-name-of": id }, id);

/** `user:<id>` and the like; what is no page of the console stays text. */
function aim(target) {
  const at = target.indexOf(":");
  const [kind, rest] = [target.slice(0, Math.max(at, 0)), target.slice(at + 1)];
  if (kind === "user") return person(rest);
  if (kind === "email" || kind === "email_log") return anEmail(rest);
  if (kind === "suppression") return h("a", { href: `/admin/suppressions/?address=${encodeURIComponent(rest)}` }, rest);
  return h("span", { class: "break" }, plain(kind || target), kind && ` ${rest}`);
}

/** Ids are no names. Each person is asked for once, and so many at most: the log may be long. */
const names = new Map();
const MOST_NAMES = 60;

function nameEverybody() {
  for (const link of document.querySelectorAll("[data-name-of]")) {
    const id = link.dataset.nameOf;
    if (!names.has(id) && names.size < MOST_NAMES) names.set(id, call("GET", `/api/admin/users/${encodeURIComponent(id)}`).catch(() => null));
    names.get(id)?.then((user) => {
      if (user) link.textContent = user.display_name || user.email;
    });
  }
}

await open(() => filters(one("[data-filters]"), {}, show), { admin: true });

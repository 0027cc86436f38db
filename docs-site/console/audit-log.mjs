// The audit log.

import { call, queryString } from "./api.mjs";
import { badge, empty, fill, h, one, table } from "./dom.mjs";
import { filters } from "./filters.mjs";
import { load, open } from "./frame.mjs";
import { offerMore } from "./email-list.mjs";
import { startOfDay, time, withTimes } from "./times.mjs";
import { ACTIONS, ROLE, action as actionName, plain } from "./words.mjs";

const COLUMNS = ["When", "Action", "Done by", "Done to", "Outcome", "IP address"];
const place = one("[data-list]");
/** The filter whose entries the export contains. */
let latest;

function show({ actor, target, action, from, to }) {
  const days = { from: from && startOfDay(from), to: to && startOfDay(to, 1) };
  // The filters accept email addresses, but the log identifies users by ID.
  const people = Promise.all([actor && idOf(actor), target && idOf(target)]);
  const filter = people.then(([actorId, targetId]) => ({
    ...days,
    action,
    actor: actorId ?? actor,
    target: targetId ? `user:${targetId}` : isAddress(target) ? `suppression:${target}` : target,
  }));
  const link = one("[data-export]");
  link.removeAttribute("href");
  latest = filter;
  // If a lookup fails, the list says so.
  filter.then((query) => filter === latest && (link.href = `/api/admin/audit-log/export${queryString(query)}`)).catch(() => {});
  const page = async (cursor) => call("GET", "/api/admin/audit-log", { query: { ...(await filter), limit: 50, cursor } });
  place.replaceChildren();
  load(place, page, ({ entries, next_cursor }) => {
    if (!entries.length && !next_cursor) return fill(place, empty("No entries match these filters."));
    const list = table("Audit log", COLUMNS, entries.map(row));
    const more = h("div", {});
    fill(place, list, more);
    showNames();
    offerMore(more, next_cursor, page, (next) => {
      one("tbody", list).append(...one("tbody", table("", COLUMNS, next.entries.map(row))).children);
      showNames();
      return next.next_cursor;
    });
  });
}

const isAddress = (text) => /^[^\s:]+@\S+$/.test(text ?? "");

/** The ID of the user with this address; `undefined` if there is none, or the text isn't an address. */
async function idOf(text) {
  if (!isAddress(text)) return undefined;
  const { users } = await call("GET", "/api/admin/users", { query: { query: text, limit: 10 } });
  return users.find(({ email }) => email.toLowerCase() === text.toLowerCase())?.id;
}

function row({ at, actor, action, target, outcome, detail, ip }) {
  const doneBy = h("span", {}, person(actor.user_id), " ", h("span", { class: "hint" }, ROLE[actor.role] ?? actor.role, actor.api_key && ", with an API key"));
  return [
    time(at, { exact: true }),
    h("span", {}, h("strong", {}, actionName(action, outcome)), detail && h("span", { class: "said" }, readable(detail))),
    doneBy,
    targetLink(target),
    badge(plain(outcome), outcome === "done" ? "good" : "bad"),
    ip ? h("code", {}, ip) : "–",
  ];
}

/** Replaces email IDs and timestamps in a detail with links and readable times. */
const readable = (detail) =>
  detail.split(/\bemail ([0-9A-HJKMNP-TV-Z]{26})\b/).flatMap((part, index) => (index % 2 ? emailLink(part) : withTimes(part)));

const emailLink = (id) => h("a", { href: `/admin/email/?id=${encodeURIComponent(id)}` }, "an email");

const person = (id) => h("a", { href: `/admin/user/?id=${encodeURIComponent(id)}`, "data-name-of": id }, id);

/** Links a target such as `user:<id>` to its page. Targets without a page stay text. */
function targetLink(target) {
  const at = target.indexOf(":");
  const [kind, rest] = [target.slice(0, Math.max(at, 0)), target.slice(at + 1)];
  if (kind === "user") return person(rest);
  if (kind === "email" || kind === "email_log") return emailLink(rest);
  // The log names addresses by pseudonyms. The detail has the masked address.
  if (kind === "suppression" || kind === "address") return h("a", { class: "break", href: `/admin/audit-log/?target=${encodeURIComponent(target)}` }, `${plain(kind)} ${rest}`);
  return h("span", { class: "break" }, plain(kind || target), kind && ` ${rest}`);
}

/** Each user's name is requested once, and only for a limited number of users, because the log may be long. */
const names = new Map();
const MAX_NAMES = 60;

function showNames() {
  for (const link of document.querySelectorAll("[data-name-of]")) {
    const id = link.dataset.nameOf;
    if (!names.has(id) && names.size < MAX_NAMES) names.set(id, call("GET", `/api/admin/users/${encodeURIComponent(id)}`).catch(() => null));
    names.get(id)?.then((user) => {
      if (user) link.textContent = user.display_name || user.email;
    });
  }
}

await open(() => filters(one("[data-filters]"), { action: ACTIONS }, show), { admin: true });

// The overview: emails of the last days, locked accounts and the state of the sender. The numbers are the service's daily
// counters, so they don't depend on how many requests there were.

import { call } from "./api.mjs";
import { bars, columns, legend, sum } from "./charts.mjs";
import { badge, empty, fill, h, one, table } from "./dom.mjs";
import { hasMembers, load, open } from "./frame.mjs";
import { canary, quota, verdict } from "./sender-view.mjs";
import { day, startOfDay, time } from "./times.mjs";
import { userSearch } from "./user-search.mjs";
import { FAMILIES, STATUS } from "./words.mjs";

const DAYS = 14;

/** Maximum number of lockouts that are counted. */
const MAX_LOCKS = 100;

/** Maximum number of domains in the chart and of lockouts in the list. */
const MAX_ROWS = 6;

/** The service's numbers with statuses summed by family: `{ days: [{ date, parts, no_such_user }], domains, more_domains, senders }`. */
async function statistics() {
  const { days, domains, more_domains, senders } = await call("GET", "/api/admin/email-statistics");
  const families = ({ statuses, ...rest }) => ({ ...rest, parts: byFamily(statuses) });
  return { days: days.map(families), domains: domains.map(families), more_domains, senders };
}

function byFamily(statuses) {
  const parts = Object.fromEntries(Object.keys(FAMILIES).map((family) => [family, 0]));
  for (const [status, number] of Object.entries(statuses)) parts[STATUS[status]?.[2] ?? "under_way"] += number;
  return parts;
}

function showStatistics({ days, domains, more_domains, senders }) {
  const counts = byFamily({});
  for (const { parts } of days) for (const family of Object.keys(counts)) counts[family] += parts[family];
  const total = sum(counts);
  const unknown = days.reduce((all, { no_such_user }) => all + no_such_user, 0);
  one("[data-sample]").textContent = `Based on all ${total.toLocaleString("en-GB")} emails from the last ${DAYS} days (UTC).${unknown && hasMembers()
    ? ` Another ${unknown.toLocaleString("en-GB")} ${unknown === 1 ? "request was" : "requests were"} for an address that no user has. Nothing was sent, and the numbers don’t include them.`
    : ""}`;
  const tone = { failed: "bad", complained: "bad" };
  const tile = (number, name, tone) => h("div", { class: `tile ${tone}` }, h("strong", {}, number.toLocaleString("en-GB")), h("span", {}, name));
  fill(one("[data-tiles]"),
    Object.entries(FAMILIES).map(([family, name]) => tile(counts[family], name, counts[family] ? (tone[family] ?? "") : "")),
    hasMembers() && tile(unknown, "No such user", ""));
  showDays(days);
  showBounces(domains, more_domains);
  showSenders(senders);
}

/** Emails by sender and status. A portal that watches no senders has only one, so this says nothing new. */
function showSenders(senders) {
  one("[data-senders-card]").hidden = !senders.some(({ origin }) => origin === "watched");
  const shown = ["delivered", "delayed", "blocked", "bounced"];
  const row = ({ origin, sender, statuses }) => [
    h("a", { href: `/admin/email-log/?origin=${origin}${origin === "watched" ? `&sender=${encodeURIComponent(sender)}` : ""}` }, sender),
    ...shown.map((status) => (statuses[status] ?? 0).toLocaleString("en-GB")),
    sum(statuses).toLocaleString("en-GB"),
  ];
  fill(one("[data-senders]"), table("Emails by sender", ["Sender", ...shown.map((status) => STATUS[status][0]), "Total"], senders.map(row)));
}

function showDays(all) {
  const days = all.map(({ date, ...rest }) => {
    const label = new Date(date).toLocaleDateString("en-GB", { day: "numeric", month: "short", timeZone: "UTC" });
    return { date, label, ...rest };
  });
  const rows = days.toReversed().map(({ date, label, parts, no_such_user }) => [
    h("a", { href: `/admin/email-log/?from=${date}&to=${date}` }, label),
    ...Object.keys(FAMILIES).map((family) => String(parts[family])),
    String(sum(parts)),
    ...(hasMembers() ? [String(no_such_user)] : []),
  ]);
  fill(one("[data-emails]"),
    columns(days, FAMILIES, `Emails per day in the last ${DAYS} days, by status`),
    legend(FAMILIES),
    asTable(table("Emails per day", ["Day", ...Object.values(FAMILIES), "Total", ...(hasMembers() ? ["No such user"] : [])], rows)));
}

function showBounces(domains, more) {
  const place = one("[data-bounces]");
  const several = new Set(domains.map(({ sender_domain }) => sender_domain)).size > 1;
  const name = ({ sender_domain, recipient_domain }) => (several ? `${sender_domain} to ${recipient_domain}` : recipient_domain);
  const rows = domains.filter(({ parts }) => parts.failed).map((domain) => [name(domain), domain.parts.failed]);
  if (!rows.length) return fill(place, empty("No undelivered emails."));
  // The service lists the domains with the most undelivered emails first.
  const left = more > 0 && rows.length === domains.length;
  fill(place,
    bars(rows.slice(0, MAX_ROWS), "Undelivered emails by the recipient’s domain"),
    rows.length > MAX_ROWS && h("p", { class: "hint" }, `${rows.length - MAX_ROWS} more in the table.`),
    left && h("p", { class: "hint" }, "There may be more domains with undelivered emails."),
    asTable(table("Undelivered emails by domain", ["Domain", "Emails"], rows.map(([domain, count]) => [domain, String(count)]))));
}

/** Every lockout sends an email to its user, so the email log lists all of them. */
async function lockouts() {
  const from = startOfDay(day(Date.now()), 1 - DAYS);
  return call("GET", "/api/admin/email-log", { query: { from, kind: "account_locked", limit: MAX_LOCKS } });
}

function showLocks({ entries: locks, next_cursor }) {
  const place = one("[data-locks]");
  if (!locks.length && !next_cursor) return fill(place, empty(`No lockouts in the last ${DAYS} days.`));
  const person = ({ recipient, user_id }) => (user_id ? h("a", { href: `/admin/user/?id=${encodeURIComponent(user_id)}` }, recipient) : recipient);
  const number = `${locks.length}${next_cursor ? " or more" : ""}`;
  fill(place,
    h("p", {}, badge(`${number} ${number === "1" ? "lockout" : "lockouts"}`, "warn"), ` in the last ${DAYS} days`),
    table("Lockouts", ["Account", "When"], locks.slice(0, MAX_ROWS).map((lock) => [person(lock), time(lock.requested_at)])),
    locks.length > MAX_ROWS && h("p", {}, h("a", { href: "/admin/email-log/?kind=account_locked" }, "View all lockouts")));
}

function showSender(sender) {
  fill(one("[data-sender]"), verdict(sender), h("div", { class: "columns" }, quota(sender), canary(sender)), h("p", {}, h("a", { href: "/admin/sender/" }, "View all checks")));
}

const asTable = (table) => h("details", { class: "behind" }, h("summary", {}, "Show as table"), table);

await open(() => {
  userSearch(one("[data-user-search]"), { limit: 6, idle: false, inAddress: false });
  load(one("[data-tiles]"), statistics, showStatistics);
  load(one("[data-locks]"), lockouts, showLocks);
  load(one("[data-sender]"), () => call("GET", "/api/admin/sender"), showSender);
});

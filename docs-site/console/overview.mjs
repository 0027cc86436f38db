// The overview: recent emails, locked accounts and the state of the sender. The numbers are counted in the browser, from a
// limited number of email log pages.

import { call } from "./api.mjs";
import { bars, columns, legend, sum } from "./charts.mjs";
import { badge, empty, fill, h, one, table } from "./dom.mjs";
import { load, open } from "./frame.mjs";
import { canary, quota, verdict } from "./sender-view.mjs";
import { day, startOfDay, time } from "./times.mjs";
import { userSearch } from "./user-search.mjs";
import { FAMILIES, STATUS } from "./words.mjs";

const DAYS = 14;

/** At most 500 emails are counted, so that the overview stays fast on a busy portal. */
const MAX_PAGES = 5;
const PAGE_SIZE = 100;

/** Maximum number of domains in the chart and of lockouts in the list. */
const MAX_ROWS = 6;

/** The emails of the last days, newest first. `complete` is false if there are more. */
async function sample() {
  const from = startOfDay(day(Date.now()), 1 - DAYS);
  const emails = [];
  let cursor;
  for (let page = 0; page < MAX_PAGES; page++) {
    const { entries, next_cursor } = await call("GET", "/api/admin/email-log", { query: { from, limit: PAGE_SIZE, cursor } });
    emails.push(...entries);
    cursor = next_cursor;
    if (!cursor) break;
  }
  return { emails, complete: !cursor };
}

const familyOf = ({ status }) => STATUS[status]?.[2] ?? "under_way";

function showSample({ emails, complete }) {
  const counts = Object.fromEntries(Object.keys(FAMILIES).map((family) => [family, 0]));
  for (const email of emails) counts[familyOf(email)]++;
  one("[data-sample]").textContent = complete
    ? `Based on all ${emails.length} emails from the last ${DAYS} days.`
    : `Based on the newest ${emails.length} emails, since ${new Date(emails.at(-1).requested_at).toLocaleString("en-GB")}. Earlier emails aren’t counted.`;
  const tone = { failed: "bad", complained: "bad" };
  fill(one("[data-tiles]"), Object.entries(FAMILIES).map(([family, name]) =>
    h("div", { class: `tile ${counts[family] ? (tone[family] ?? "") : ""}` }, h("strong", {}, String(counts[family])), h("span", {}, name))));
  showDays(emails);
  showBounces(emails);
  showLocks(emails);
}

function showDays(emails) {
  const days = Array.from({ length: DAYS }, (_, index) => {
    const date = new Date(startOfDay(day(Date.now()), index + 1 - DAYS));
    return { date: day(date), label: date.toLocaleDateString("en-GB", { day: "numeric", month: "short" }), parts: {} };
  });
  for (const email of emails) {
    const found = days.find(({ date }) => date === day(email.requested_at));
    if (found) found.parts[familyOf(email)] = (found.parts[familyOf(email)] ?? 0) + 1;
  }
  const rows = days.toReversed().map(({ date, label, parts }) => [
    h("a", { href: `/admin/email-log/?from=${date}&to=${date}` }, label),
    ...Object.keys(FAMILIES).map((family) => String(parts[family] ?? 0)),
    String(sum(parts)),
  ]);
  fill(one("[data-emails]"),
    columns(days, FAMILIES, `Emails per day in the last ${DAYS} days, by status`),
    legend(FAMILIES),
    asTable(table("Emails per day", ["Day", ...Object.values(FAMILIES), "Total"], rows)));
}

function showBounces(emails) {
  const domains = new Map();
  for (const email of emails) {
    if (familyOf(email) !== "failed") continue;
    const domain = email.recipient.slice(email.recipient.lastIndexOf("@") + 1);
    domains.set(domain, (domains.get(domain) ?? 0) + 1);
  }
  const place = one("[data-bounces]");
  if (!domains.size) return fill(place, empty("No undelivered emails."));
  const rows = [...domains].sort(([, a], [, b]) => b - a);
  fill(place,
    bars(rows.slice(0, MAX_ROWS), "Undelivered emails by the recipient’s domain"),
    rows.length > MAX_ROWS && h("p", { class: "hint" }, `${rows.length - MAX_ROWS} more in the table.`),
    asTable(table("Undelivered emails by domain", ["Domain", "Emails"], rows.map(([domain, count]) => [domain, String(count)]))));
}

/** Every lockout sends an email to its user, so the email log lists all of them. */
function showLocks(emails) {
  const locks = emails.filter(({ kind }) => kind === "account_locked");
  const place = one("[data-locks]");
  if (!locks.length) return fill(place, empty(`No lockouts in the last ${DAYS} days.`));
  const person = ({ recipient, user_id }) => (user_id ? h("a", { href: `/admin/user/?id=${encodeURIComponent(user_id)}` }, recipient) : recipient);
  fill(place,
    h("p", {}, badge(`${locks.length} ${locks.length === 1 ? "lockout" : "lockouts"}`, "warn"), ` in the last ${DAYS} days`),
    table("Lockouts", ["Account", "When"], locks.slice(0, MAX_ROWS).map((lock) => [person(lock), time(lock.requested_at)])),
    locks.length > MAX_ROWS && h("p", {}, h("a", { href: "/admin/email-log/?kind=account_locked" }, "View all lockouts")));
}

function showSender(sender) {
  fill(one("[data-sender]"), verdict(sender), h("div", { class: "columns" }, quota(sender), canary(sender)), h("p", {}, h("a", { href: "/admin/sender/" }, "View all checks")));
}

const asTable = (table) => h("details", { class: "behind" }, h("summary", {}, "Show as table"), table);

await open(() => {
  userSearch(one("[data-user-search]"), { limit: 6, idle: false, inAddress: false });
  load(one("[data-tiles]"), sample, showSample);
  load(one("[data-sender]"), () => call("GET", "/api/admin/sender"), showSender);
});

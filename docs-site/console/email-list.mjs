// Lists of emails. An email's timeline is loaded when it is opened.

import { call } from "./api.mjs";
import { badge, empty, facts, fill, h } from "./dom.mjs";
import { load } from "./frame.mjs";
import { exactTime, time } from "./times.mjs";
import { KIND, ORIGIN, STATUS, TRIGGER, event, hostSaid, plain, reason } from "./words.mjs";

/**
 * Shows emails from the email log, with a button to load more.
 * @param {HTMLElement} place
 * @param {object} query the filters
 * @param {{withRecipient?: boolean, openFirst?: boolean, limit?: number, none: Node}} options
 */
export function showEmails(place, query, { withRecipient = true, openFirst = false, limit = 25, none }) {
  const page = (cursor) => call("GET", "/api/admin/email-log", { query: { ...query, limit, cursor } });
  return load(place, page, ({ entries, next_cursor }) => {
    if (!entries.length) return fill(place, none ?? empty("No emails yet."));
    const list = h("div", { class: "emails" }, entries.map((entry) => row(entry, withRecipient)));
    if (openFirst) list.firstElementChild.open = true;
    const more = h("div", {});
    fill(place, list, more);
    offerMore(more, next_cursor, page, (next) => {
      const added = next.entries.map((entry) => row(entry, withRecipient));
      list.append(...added);
      added[0]?.querySelector("summary").focus();
      return next.next_cursor;
    });
  });
}

/** Adds a button for the next page of a list. `add` takes a page and returns the next cursor. */
export function offerMore(place, cursor, page, add) {
  if (!cursor) return place.replaceChildren();
  const button = h("button", { type: "button", class: "quiet" }, "Show more");
  button.addEventListener("click", () => load(place, () => page(cursor), (next) => offerMore(place, add(next), page, add)));
  fill(place, h("p", { class: "more" }, button));
}

function row(entry, withRecipient) {
  const body = h("div", { class: "mail-body" });
  const details = h("details", { class: "mail", "data-email": entry.id },
    h("summary", {},
      h("span", { class: "mail-status" }, statusBadge(entry)),
      h("span", { class: "mail-kind" }, emailName(entry)),
      withRecipient && h("span", { class: "mail-to" }, entry.recipient),
      h("span", { class: "mail-at" }, time(entry.requested_at, { exact: true })),
      entry.from && h("span", { class: "mail-from" }, `From ${entry.from}`),
      entry.reason && h("span", { class: "mail-why" }, reason(entry.reason))),
    body);
  details.addEventListener("toggle", () => {
    if (details.open && !body.hasChildNodes()) {
      load(body, () => call("GET", `/api/admin/email-log/${encodeURIComponent(entry.id)}`), (full) => fill(body, entryFacts(full, { link: true }), timeline(full)));
    }
  });
  return details;
}

/** What an email is called: the subject of a watched email, or else its kind. */
export const emailName = (entry) => entry.subject ?? KIND[entry.kind] ?? plain(entry.kind);

export function statusBadge({ status }) {
  const [name, tone, , meaning] = STATUS[status] ?? [plain(status), "mute", "", undefined];
  return badge(name, tone, meaning);
}

/** A detail is either a server's reply or one of our own codes. */
const readableDetail = (detail) => (/^[a-z]+(_[a-z]+)+$/.test(detail) ? reason(detail) : hostSaid(detail));

/** Everything about an email except its timeline. */
export function entryFacts(entry, { link = false } = {}) {
  const meaning = STATUS[entry.status]?.[3];
  return facts([
    ["Meaning", meaning],
    ["Reason", entry.reason && reason(entry.reason)],
    ["Origin", ORIGIN[entry.origin] ?? (entry.origin && plain(entry.origin))],
    ["From", entry.from],
    ["Envelope sender", entry.envelope_from !== entry.from && entry.envelope_from],
    ["Subject", entry.subject],
    ["Requested by", TRIGGER[entry.trigger] ?? plain(entry.trigger)],
    ["Link expires", time(entry.link_expires_at, { exact: true })],
    ["Link page loaded", entry.page_loaded_at && h("span", {}, time(entry.page_loaded_at, { exact: true }), ", possibly by a scanner")],
    ["Person used the link page", time(entry.person_acted_at, { exact: true })],
    ["Link used", time(entry.redeemed_at, { exact: true })],
    ["Configuration set", entry.configuration_set],
    ["Tags", entry.tags && Object.entries(entry.tags).map(([name, value]) => `${name}: ${value}`).join(", ")],
    ["Message ID", entry.message_id && h("code", {}, entry.message_id)],
    ["Permalink", link && h("a", { href: `/admin/email/?id=${encodeURIComponent(entry.id)}` }, "Link to this email")],
  ]);
}

export function timeline({ timeline: events = [] }) {
  return h("div", {},
    h("p", { class: "label" }, "Timeline"),
    events.length
      ? h("ol", { class: "timeline", "aria-label": "Timeline" }, events.map(({ at, event: code, detail, reason: why }) => h("li", {}, h("span", { class: "hint" }, exactTime(at)), " ", h("strong", {}, event(code)), why && `: ${reason(why)}`, detail && h("span", { class: "said" }, readableDetail(detail)))))
      : h("p", { class: "hint" }, "No events yet."));
}

// Emails, each with its timeline, which is asked for when it is opened.

import { call } from "./api.mjs";
import { badge, empty, facts, fill, h } from "./dom.mjs";
import { load } from "./frame.mjs";
import { moment, time } from "./times.mjs";
import { KIND, STATUS, TRIGGER, event, hostSaid, plain, reason } from "./words.mjs";

/**
 * A list of the email log that goes on where there is more.
 * @param {HTMLElement} place
 * @param {object} query the filters
 * @param {{withRecipient?: boolean, openFirst?: boolean, limit?: number, none: Node}} options
 */
export function showMails(place, query, { withRecipient = true, openFirst = false, limit = 25, none }) {
  const page = (cursor) => call("GET", "/api/admin/email-log", { query: { ...query, limit, cursor } });
  return load(place, page, ({ entries, next_cursor }) => {
    if (!entries.length) return fill(place, none ?? empty("No emails yet."));
    const list = h("div", { class: "mails" }, entries.map((entry) => row(entry, withRecipient)));
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

/** A button for the next page of any list. `add` takes a page and answers the cursor after it. */
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
      h("span", { class: "mail-kind" }, KIND[entry.kind] ?? plain(entry.kind)),
      withRecipient && h("span", { class: "mail-to" }, entry.recipient),
      h("span", { class: "mail-at" }, time(entry.requested_at, { exact: true }))),
    body);
  details.addEventListener("toggle", () => {
    if (details.open && !body.hasChildNodes()) {
      load(body, () => call("GET", `/api/admin/email-log/${encodeURIComponent(entry.id)}`), (full) => fill(body, entryFacts(full, { link: true }), timeline(full)));
    }
  });
  return details;
}

export function statusBadge({ status }) {
  const [name, tone, , meaning] = STATUS[status] ?? [plain(status), "mute", "", undefined];
  return badge(name, tone, meaning);
}

/** A detail is what a host has said, or one of our own codes. */
const said = (detail) => (/^[a-z]+(_[a-z]+)+$/.test(detail) ? reason(detail) : hostSaid(detail));

/** All that is known of an email but its timeline. */
export function entryFacts(entry, { link = false } = {}) {
  const meaning = STATUS[entry.status]?.[3];
  return facts([
    ["What it means", meaning],
    ["Why", entry.reason && reason(entry.reason)],
    ["Asked for by", TRIGGER[entry.trigger] ?? plain(entry.trigger)],
    ["Link expires", time(entry.link_expires_at, { exact: true })],
    ["Page opened", entry.opened_at && h("span", {}, time(entry.opened_at, { exact: true }), ", perhaps by a scanner")],
    ["Page used by a person", time(entry.landed_at, { exact: true })],
    ["Link used", time(entry.redeemed_at, { exact: true })],
    ["Message id", entry.message_id && h("code", {}, entry.message_id)],
    ["Entry", link && h("a", { href: `/admin/email/?id=${encodeURIComponent(entry.id)}` }, "Link to this email")],
  ]);
}

export function timeline({ timeline: moments = [] }) {
  return h("div", {},
    h("p", { class: "label" }, "Timeline"),
    moments.length
      ? h("ol", { class: "timeline", "aria-label": "Timeline" }, moments.map(({ at, event: what, detail, reason: why }) => h("li", {}, h("span", { class: "hint" }, moment(at)), " ", h("strong", {}, event(what)), why && `: ${reason(why)}`, detail && h("span", { class: "said" }, said(detail)))))
      : h("p", { class: "hint" }, "Nothing has happened yet."));
}

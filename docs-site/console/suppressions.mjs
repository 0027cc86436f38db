// Suppressed addresses: list, add, remove, and resend.

import { confirmComplaintRemoval, confirmRemoval } from "./actions.mjs";
import { call, optimistically } from "./api.mjs";
import { ask, field } from "./dialog.mjs";
import { announce } from "./diagnosis-view.mjs";
import { badge, empty, facts, fill, h, one } from "./dom.mjs";
import { filters } from "./filters.mjs";
import { fail, isAdmin, load, open, toast } from "./frame.mjs";
import { offerMore } from "./email-list.mjs";
import { time } from "./times.mjs";
import { SCOPE, SUPPRESSION, hostSaid, plain } from "./words.mjs";

const ROUTE = "/api/admin/suppressions";
const place = one("[data-list]");
const done = one("[data-done]");
let refresh = () => {};

const pathOf = (address) => `${ROUTE}/${encodeURIComponent(address)}`;

function showAll() {
  const page = (cursor) => call("GET", ROUTE, { query: { limit: 25, cursor } });
  return load(place, page, ({ suppressions, next_cursor }) => {
    if (!suppressions.length) return fill(place, empty("No suppressed addresses.", h("p", {}, "Every active user gets emails.")));
    const list = h("div", { class: "cards" }, suppressions.map(card));
    const more = h("div", {});
    fill(place, list, more);
    offerMore(more, next_cursor, page, (next) => {
      list.append(...next.suppressions.map(card));
      return next.next_cursor;
    });
  });
}

function showOne(address) {
  const notFound = (failure) => {
    if (failure.status === 404) return null;
    throw failure;
  };
  return load(place, () => call("GET", pathOf(address)).catch(notFound), (found) => {
    const diagnose = h("p", {}, h("a", { href: `/admin/diagnosis/?email=${encodeURIComponent(address)}` }, "Diagnose emails to this address"));
    fill(place, found ? h("div", { class: "cards" }, card(found)) : empty(`${address} is not suppressed.`, diagnose));
  });
}

function card(suppression) {
  const { address, reason, scope, since, expires_at, detail, email_id, also = [], removed = [] } = suppression;
  const [name, meaning] = SUPPRESSION[reason] ?? [plain(reason), ""];
  const failed = h("div", {});
  const whole = h("article", { class: "card suppression", tabindex: "-1", "data-address": address },
    h("h2", {}, h("a", { href: `/admin/diagnosis/?email=${encodeURIComponent(address)}` }, address), " ", badge(name, "bad", meaning)),
    detail && h("p", { class: "said" }, hostSaid(detail)),
    facts([
      ["Meaning", meaning],
      ["Scope", SCOPE[scope] ?? plain(scope)],
      ["Since", time(since, { exact: true })],
      ["Expires", time(expires_at, { exact: true })],
      ["Caused by", email_id && h("a", { href: `/admin/email/?id=${encodeURIComponent(email_id)}` }, "this email")],
      ["Other causes", also.length > 0 && h("ul", {}, also.map((more) => h("li", {}, SUPPRESSION[more.reason]?.[0] ?? plain(more.reason), ", ", time(more.since), more.detail && h("span", { class: "said" }, hostSaid(more.detail)))))],
      ["Previously removed", removed.length > 0 && h("ul", {}, removed.map((before) => h("li", {}, time(before.at, { exact: true }), before.reason && `, reason: ${SUPPRESSION[before.reason]?.[0] ?? plain(before.reason)}`)))],
    ]),
    failed,
    isAdmin() && h("div", { class: "actions" },
      act("Remove and resend", "", failed, () => removeAndResend(suppression)),
      act("Remove", "quiet", failed, () => remove(suppression, whole))));
  return whole;
}

function act(label, style, failed, run) {
  const button = h("button", { type: "button", class: style }, label);
  button.addEventListener("click", () => run().catch((failure) => fail(failed, failure)));
  return button;
}

/** Removing after a complaint needs a stronger confirmation. */
const confirmation = ({ reason, also = [] }) => ([reason, ...also.map((more) => more.reason)].includes("complaint") ? confirmComplaintRemoval() : confirmRemoval());

/** Only a suppression that was added manually can be restored exactly. Removing any other needs a confirmation. */
const canBeRestored = ({ reason, also = [], expires_at }) => reason === "manual" && !also.length && !expires_at;

async function remove(suppression, shown) {
  const { address, detail } = suppression;
  const act = () => call("DELETE", pathOf(address));
  if (!canBeRestored(suppression)) {
    if (!(await ask({ ...confirmation(suppression), act }))) return;
    refresh();
    return toast(`We’ll email ${address} again.`);
  }
  await optimistically({
    act,
    show: () => {
      shown.hidden = true;
      place.focus();
    },
    rollBack: () => {
      shown.hidden = false;
      shown.focus();
    },
  });
  refresh();
  toast(`We’ll email ${address} again.`, () => suppress(address, detail || "Restored").catch((failure) => toast(failure.title)));
}

async function removeAndResend(suppression) {
  const route = `${pathOf(suppression.address)}/remove-and-resend`;
  const answer = await ask({ ...confirmation(suppression), title: "Remove this suppression and send a new link?", act: () => call("POST", route) });
  if (!answer) return;
  refresh();
  announce(done, `We’ll email ${suppression.address} again. A new link is on its way.`, answer.email_id);
}

async function suppress(address, reason) {
  await call("PUT", pathOf(address), { body: { reason } });
  refresh();
}

async function add() {
  let address = "";
  const answer = await ask({
    title: "Suppress an address",
    text: ["We won’t email this address until an administrator removes the suppression."],
    fields: [
      field("Email address", { name: "address", type: "email", required: true, autocomplete: "off", autocapitalize: "none", spellcheck: "false" }),
      field("Reason", { name: "reason", required: true, autocomplete: "off", maxlength: 500 }, { hint: "Helps anyone who looks at this suppression later." }),
    ],
    confirm: "Suppress",
    act: (values) => {
      address = values.address;
      return suppress(values.address, values.reason);
    },
  });
  if (answer) toast(`${address} is suppressed.`, () => call("DELETE", pathOf(address)).then(refresh).catch((failure) => toast(failure.title)));
}

await open(() => {
  filters(one("[data-filters]"), {}, ({ address }) => {
    place.replaceChildren();
    refresh = () => (address ? showOne(address) : showAll());
    refresh();
  });
  one("[data-add]").addEventListener("click", add);
});

// Suppressions: who gets no mail, and why; add, lift, lift and send a new link.

import { lifting, liftingComplaint } from "./actions.mjs";
import { ahead, call } from "./api.mjs";
import { ask, field } from "./dialog.mjs";
import { tell } from "./diagnosis-view.mjs";
import { badge, empty, facts, fill, h, one } from "./dom.mjs";
import { filters } from "./filters.mjs";
import { isAdmin, load, open, problem, toast } from "./frame.mjs";
import { offerMore } from "./mail-list.mjs";
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
    if (!suppressions.length) return fill(place, empty("No address is suppressed.", h("p", {}, "Mail goes to every active user.")));
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
    const explain = h("p", {}, h("a", { href: `/admin/diagnosis/?email=${encodeURIComponent(address)}` }, "Find out what became of mail to it"));
    fill(place, found ? h("div", { class: "cards" }, card(found)) : empty(`${address} is not suppressed.`, explain));
  });
}

function card(suppression) {
  const { address, reason, scope, since, expires_at, detail, email_log_id, also = [], lifted = [] } = suppression;
  const [name, meaning] = SUPPRESSION[reason] ?? [plain(reason), ""];
  const failed = h("div", {});
  const whole = h("article", { class: "card suppression", tabindex: "-1", "data-address": address },
    h("h2", {}, h("a", { href: `/admin/diagnosis/?email=${encodeURIComponent(address)}` }, address), " ", badge(name, "bad", meaning)),
    detail && h("p", { class: "said" }, hostSaid(detail)),
    facts([
      ["What it means", meaning],
      ["What is held back", SCOPE[scope] ?? plain(scope)],
      ["Since", time(since, { exact: true })],
      ["Ends by itself", time(expires_at, { exact: true })],
      ["Caused by", email_log_id && h("a", { href: `/admin/email/?id=${encodeURIComponent(email_log_id)}` }, "this email")],
      ["Also", also.length > 0 && h("ul", {}, also.map((more) => h("li", {}, SUPPRESSION[more.reason]?.[0] ?? plain(more.reason), ", ", time(more.since), more.detail && h("span", { class: "said" }, hostSaid(more.detail)))))],
      ["Lifted before", lifted.length > 0 && h("ul", {}, lifted.map((before) => h("li", {}, time(before.at, { exact: true }), before.reason && `, was: ${SUPPRESSION[before.reason]?.[0] ?? plain(before.reason)}`)))],
    ]),
    failed,
    isAdmin() && h("div", { class: "actions" },
      act("Lift and send a new link", "", failed, () => liftAndResend(suppression)),
      act("Lift", "quiet", failed, () => lift(suppression, whole))));
  return whole;
}

function act(label, style, failed, run) {
  const button = h("button", { type: "button", class: style }, label);
  button.addEventListener("click", () => run().catch((failure) => fill(failed, problem(failure))));
  return button;
}

/** What is asked before: more, where the recipient called our mail spam. */
const question = ({ reason, also = [] }) => ([reason, ...also.map((more) => more.reason)].includes("complaint") ? liftingComplaint() : lifting());

/** Only what was put there by hand can be put back as it was: it goes at once. All else is asked about before. */
const canBePutBack = ({ reason, also = [], expires_at }) => reason === "manual" && !also.length && !expires_at;

async function lift(suppression, shown) {
  const { address, detail } = suppression;
  const act = () => call("DELETE", pathOf(address));
  if (!canBePutBack(suppression)) {
    if (!(await ask({ ...question(suppression), act }))) return;
    refresh();
    return toast(`Mail goes to ${address} again.`);
  }
  await ahead({
    act,
    show: () => {
      shown.hidden = true;
      place.focus();
    },
    takeBack: () => {
      shown.hidden = false;
      shown.focus();
    },
  });
  refresh();
  toast(`Mail goes to ${address} again.`, () => suppress(address, detail || "Put back").catch((failure) => toast(failure.title)));
}

async function liftAndResend(suppression) {
  const route = `${pathOf(suppression.address)}/lift-and-resend`;
  const answer = await ask({ ...question(suppression), title: "Lift the suppression and send a new link?", act: () => call("POST", route) });
  if (!answer) return;
  refresh();
  tell(done, `Mail goes to ${suppression.address} again, and a new link is on its way.`, answer.email_log_id);
}

async function suppress(address, reason) {
  await call("PUT", pathOf(address), { body: { reason } });
  refresh();
}

async function add() {
  let address = "";
  const answer = await ask({
    title: "Suppress an address",
    text: ["No mail goes to it until somebody lifts this."],
    fields: [
      field("Email address", { name: "address", type: "email", required: true, autocomplete: "off", autocapitalize: "none", spellcheck: "false" }),
      field("Why", { name: "reason", required: true, autocomplete: "off", maxlength: 500 }, { hint: "For those who find it here later." }),
    ],
    confirm: "Suppress it",
    act: (values) => {
      address = values.address;
      return suppress(values.address, values.reason);
    },
  });
  if (answer) toast(`No mail goes to ${address}.`, () => call("DELETE", pathOf(address)).then(refresh).catch((failure) => toast(failure.title)));
}

await open(() => {
  filters(one("[data-filters]"), {}, ({ address }) => {
    place.replaceChildren();
    refresh = () => (address ? showOne(address) : showAll());
    refresh();
  });
  one("[data-add]").addEventListener("click", add);
});

// Spends the secret of a link. It comes in the fragment, which browsers send to nobody, leaves the address bar at once,
// and is kept in this variable only. Nothing but a person's own click sends it. (That the page was opened is told by its digest:
// landing.js.)

import { call } from "./api.js";
import { connect, notifyFailure, reasonOf, refuseField, say, show } from "./form.js";
import { watch } from "./landing.js";
import { judge, lengthOf } from "./strength.js";

let secret = null;

function takeSecret() {
  const token = new URLSearchParams(location.hash.slice(1)).get("token");
  if (token === null) return;
  history.replaceState(null, "", location.pathname + location.search);
  secret = token;
  watch(token);
}

function begin() {
  takeSecret();
  show(secret ? ["choose"] : ["no-link", "ask"], { focus: false });
}

const form = document.querySelector("[data-choose]");
const field = form.elements.new_password;

connect(form, async ({ new_password }) => {
  const answer = await call("POST", "/api/redeem-token", { token: secret, new_password });
  if (answer.status === 204) {
    secret = null;
    form.reset();
    show(["done"]);
  } else if (answer.status === 400) {
    secret = null;
    form.reset();
    show(["invalid", "ask"]);
  } else if (answer.status === 422 && answer.body.reasons?.length) {
    learn(answer.body.reasons);
    refuseField(field, answer.body.reasons.map((reason) => reasonOf(form, reason)));
  } else {
    notifyFailure(form, answer);
  }
});

const meter = form.querySelector("[data-strength]");
const bar = meter.querySelector("progress");
const verdictWords = meter.querySelector("p");
const rules = { min: bar.max, max: 128, portalName: meter.dataset.portalName };

/** Typing goes on for so long without being interrupted by a voice, in milliseconds. */
const PAUSE = 900;
let pause;

/** Says below the field how far the password is: to the eye at once, to a screen reader when the typing stops. */
function tellStrength() {
  clearTimeout(pause);
  const length = lengthOf(field.value);
  meter.hidden = length === 0;
  if (length === 0) return say(form, "");
  const verdict = judge(field.value, rules);
  meter.dataset.verdict = verdict;
  bar.value = Math.min(length, rules.min);
  const limit = verdict === "long" ? rules.max : rules.min;
  verdictWords.textContent = verdictWords.dataset[verdict].replace("{count}", length).replace("{limit}", limit);
  pause = setTimeout(() => say(form, verdictWords.textContent), PAUSE);
}

/** An administrator may have changed the least length since these pages were built. */
function learn(reasons) {
  const { limit } = reasons.find(({ code }) => code === "too_short") ?? {};
  if (limit) bar.max = rules.min = limit;
  tellStrength();
}

field.addEventListener("input", tellStrength);
form.addEventListener("reset", () => (meter.hidden = true));
// For the password generators of Apple's browsers; it is in no standard, so it is not in the page.
field.setAttribute("passwordrules", `minlength: ${rules.min}; maxlength: ${rules.max};`);

begin();
// Another link, pasted into the address bar of this page, does not load the page again.
addEventListener("hashchange", () => {
  if (location.hash.startsWith("#token=")) begin();
});

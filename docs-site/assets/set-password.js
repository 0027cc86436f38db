// Sets a password with the secret from a link. The secret arrives in the URL fragment, which browsers never send. It is
// removed from the address bar, kept only in a variable, and sent only when the user submits the form. landing.js reports
// the page view, with a digest of the secret.

import { call } from "./api.js";
import { recall, remember } from "./asked.js";
import { findToken } from "./find-token.js";
import { connect, notifyFailure, reasonOf, refuseField, say, show } from "./form.js";
import { watch } from "./landing.js";
import { judge, lengthOf } from "./strength.js";

let secret = null;

/** @param {boolean} damaged whether the link arrived without its token */
function useSecret(token, damaged) {
  secret = token ?? secret;
  watch(token, damaged);
}

function begin() {
  const { hash, pathname, search } = location;
  const token = findToken(hash) ?? findToken(search);
  // Two slashes at the beginning would name another host.
  if (hash || search) history.replaceState(null, "", pathname.replace(/^\/+/, "/"));
  useSecret(token, !token);
  show(secret ? ["choose"] : ["no-link", "paste", "ask"], { focus: false });
  if (secret) field.focus();
}

const pasteForm = document.querySelector("[data-paste]");
const pasteField = pasteForm.elements.link;

connect(pasteForm, async ({ link }) => {
  const token = findToken(link);
  if (!token) return refuseField(pasteField, [pasteField.dataset.incomplete]);
  pasteForm.reset();
  useSecret(token, true);
  show(["choose"]);
});

const form = document.querySelector("[data-choose]");
const field = form.elements.new_password;
/** For password managers, which save the password under it. The link doesn't tell us the address. */
const username = form.elements.username;
username.value = recall().address ?? "";

connect(form, async ({ new_password }) => {
  const answer = await call("POST", "/api/redeem-token", { token: secret, new_password });
  if (answer.status === 204) {
    secret = null;
    if (username.value) remember(username.value);
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

/** Screen readers announce the strength after this pause in typing, in milliseconds. */
const PAUSE = 900;
let pause;

/** Shows the strength below the field at once, and announces it to screen readers when typing pauses. */
function showStrength() {
  clearTimeout(pause);
  const length = lengthOf(field.value);
  meter.hidden = length === 0;
  if (length === 0) return say(form, "");
  const verdict = judge(field.value, rules);
  meter.dataset.verdict = verdict;
  bar.value = Math.min(length, rules.min);
  const limit = verdict === "long" ? rules.max : rules.min;
  const values = { count: length, limit, missing: rules.min - length };
  verdictWords.textContent = verdictWords.dataset[verdict].replace(/\{(\w+)\}/g, (_, name) => values[name]);
  pause = setTimeout(() => say(form, verdictWords.textContent), PAUSE);
}

/** An administrator may have changed the minimum length since these pages were built. */
function learn(reasons) {
  const { limit } = reasons.find(({ code }) => code === "too_short") ?? {};
  if (limit) bar.max = rules.min = limit;
  showStrength();
}

field.addEventListener("input", showStrength);
form.addEventListener("reset", () => (meter.hidden = true));
// For Apple's password generator. The attribute isn't standard, so it would be invalid in the HTML.
field.setAttribute("passwordrules", `minlength: ${rules.min}; maxlength: ${rules.max};`);

begin();
// Pasting another link into the address bar doesn't reload the page.
addEventListener("hashchange", () => {
  if (findToken(location.hash)) begin();
});

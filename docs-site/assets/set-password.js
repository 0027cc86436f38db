// Spends the secret of a link. It comes in the fragment, which browsers send to nobody, leaves the address bar at once,
// and is kept in this variable only. Nothing but a person's own click sends it. (That the page was opened is told by its digest:
// landing.js.)

import { call } from "./api.js";
import { connect, notifyFailure, refuseField, show } from "./form.js";
import { watch } from "./landing.js";

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
    refuseField(field, answer.body.reasons.map((reason) => reason.detail));
  } else {
    notifyFailure(form, answer);
  }
});

begin();
// Another link, pasted into the address bar of this page, does not load the page again.
addEventListener("hashchange", () => {
  if (location.hash.startsWith("#token=")) begin();
});

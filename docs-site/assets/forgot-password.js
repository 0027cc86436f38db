// Requests a link. The form is on its own page and wherever a link didn't work.

import { call } from "./api.js";
import { remember } from "./asked.js";
import { connect, notifyFailure, refuseField } from "./form.js";

const form = document.querySelector("[data-ask]");

connect(form, async ({ email }) => {
  const answer = await call("POST", "/api/forgot-password", { email });
  if (answer.status === 202) {
    remember(email);
    location.assign(form.dataset.next);
  } else if (answer.status === 400) {
    refuseField(form.elements.email, [form.elements.email.dataset.malformed]);
  } else {
    notifyFailure(form, answer);
  }
});

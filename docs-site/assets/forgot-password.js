// Requests a link. The form is on its own page and wherever a link didn't work.

import { call } from "./api.js";
import { recall, remember } from "./asked.js";
import { connect, notifyFailure, refuseField } from "./form.js";
import { carry, carrying } from "./portal.js";
import { suggest } from "./suggestion.js";

const form = document.querySelector("[data-ask]");
const field = form.elements.email;

connect(form, async ({ email }) => {
  const answer = await call("POST", "/api/forgot-password", { email });
  if (answer.status === 202) {
    remember(email, { asked: true });
    location.assign(carrying(form.dataset.next));
  } else if (answer.status === 400) {
    refuseField(field, [field.dataset.malformed]);
  } else {
    notifyFailure(form, answer);
  }
});

suggest(form);
carry();
field.value ||= recall().address ?? "";

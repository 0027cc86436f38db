// Shows the typed address, and sends the email again after a pause. The page is complete without it.

import { call } from "./api.js";
import { recall, remember } from "./asked.js";
import { connect, fillIn, inWords, notify, notifyFailure } from "./form.js";
import { carry } from "./portal.js";
import { suggestionFor } from "./typo.js";

/** Requests for one address within a minute count as one, in milliseconds. */
const PAUSE = 60_000;

const { address } = recall();
const form = document.querySelector("[data-again]");
const button = form.querySelector("button");
const label = button.textContent;

carry();
if (address) {
  const asked = document.querySelector("[data-asked]");
  const meant = suggestionFor(address);
  fillIn(asked, { address });
  const mistyped = asked.querySelector("[data-mistyped]");
  if (meant) fillIn(mistyped, { address: meant });
  mistyped.hidden = !meant;
  asked.hidden = false;
  form.hidden = false;
  connect(form, send);
  countDown();
}

async function send() {
  const answer = await call("POST", "/api/forgot-password", { email: address });
  if (answer.status !== 202) return notifyFailure(form, answer);
  remember(address, { asked: true });
  notify(form, "sent-again", {}, { good: true });
  // After `connect` has enabled the button.
  setTimeout(countDown);
}

/** Keeps the button disabled until the next request would send another email. */
function countDown() {
  const seconds = Math.ceil(((recall().at ?? 0) + PAUSE - Date.now()) / 1000);
  const waits = seconds > 0;
  button.disabled = waits;
  button.textContent = waits ? button.dataset.wait.replace("{wait}", inWords(seconds)) : label;
  if (waits) setTimeout(countDown, 1000);
}

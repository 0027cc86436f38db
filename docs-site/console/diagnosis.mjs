// Diagnosis by address. It also works for addresses that no user has.

import { showDiagnosis } from "./diagnosis-view.mjs";
import { empty, one } from "./dom.mjs";
import { open } from "./frame.mjs";
import { showEmails } from "./email-list.mjs";
import { filters } from "./filters.mjs";

function show({ email }) {
  for (const section of document.querySelectorAll("[data-answer]")) section.hidden = !email;
  const done = one("[data-done]");
  done.hidden = true;
  if (!email) return;
  const place = one("[data-diagnosis]");
  const emails = one("[data-emails]");
  place.replaceChildren();
  emails.replaceChildren();
  let address = email;
  const list = () => showEmails(emails, { recipient: address }, { withRecipient: false, limit: 10, none: empty("No emails to this address, sent or skipped.") });
  const moved = (next) => {
    address = next;
    one("#email").value = next;
    history.replaceState(null, "", `?email=${encodeURIComponent(next)}`);
  };
  showDiagnosis({ place, done, email, changed: list, moved });
  list();
}

await open(() => filters(one("[data-filters]"), {}, show));

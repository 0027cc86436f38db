// One email, with its timeline.

import { call } from "./api.mjs";
import { announce } from "./diagnosis-view.mjs";
import { facts, fill, h, one } from "./dom.mjs";
import { fail, load, may, open } from "./frame.mjs";
import { emailName, entryFacts, statusBadge, timeline } from "./email-list.mjs";
import { time } from "./times.mjs";

const id = new URLSearchParams(location.search).get("id") ?? "";
const path = `/api/admin/email-log/${encodeURIComponent(id)}`;

function show(entry) {
    const title = one("[data-title]");
  title.textContent = `${emailName(entry)} to ${entry.recipient}`;
  document.title = `${title.textContent} · ${document.title.replace(/^.* · (?=Console · )/, "")}`;
  const about = entry.user_id
    ? h("a", { href: `/admin/user/?id=${encodeURIComponent(entry.user_id)}` }, "View user and diagnosis")
    : entry.erased_at
      ? "Erased at the person’s request"
      : h("a", { href: `/admin/diagnosis/?email=${encodeURIComponent(entry.recipient)}` }, "View diagnosis of this address");
  fill(one("[data-email]"),
    facts([["Status", statusBadge(entry)], ["Recipient", entry.recipient], ["User", about], ["Requested", time(entry.requested_at, { exact: true })]]),
    entryFacts(entry), timeline(entry));
  offerResend(entry);
}

/** Offers to resend an email that has a link. */
async function offerResend(entry) {
  if (!entry.user_id || !["password_reset", "activation"].includes(entry.kind)) return;
  const user = await call("GET", `/api/admin/users/${encodeURIComponent(entry.user_id)}`).catch(() => null);
  if (!user || !may("send_link", user) || user.status === "inactive") return;
  const button = h("button", { type: "button" }, "Resend with a new link");
  const done = one("[data-done]");
  button.addEventListener("click", async () => {
    button.disabled = true;
    try {
      const { email_id } = await call("POST", `${path}/resend`, { body: {} });
      announce(done, "A new link is on its way.", email_id);
    } catch (failure) {
      fail(done, failure);
    } finally {
      button.disabled = false;
    }
  });
  fill(one("[data-actions]"), button);
}

await open(() => load(one("[data-email]"), () => call("GET", path), show));

// The console's actions: their button labels, and the confirmations they need.

import { call } from "./api.mjs";
import { ask } from "./dialog.mjs";
import { h } from "./dom.mjs";
import { isAdmin, may } from "./frame.mjs";

const ID = "[0-9A-HJKMNP-TV-Z]{26}";
const ADDRESS = "[^/?#]+";

/** Every request that a finding's fix may make. Any other fix is shown as text without a button. */
const KNOWN = [
  { method: "POST", path: `/api/admin/users/${ID}/reset-password`, permission: "send_link", label: () => "Send a new link", done: "A new link is on its way." },
  { method: "POST", path: `/api/admin/users/${ID}/resend-activation`, permission: "send_link", label: () => "Resend activation", done: "A new activation link is on its way." },
  { method: "POST", path: `/api/admin/email-log/${ID}/resend`, permission: "send_link", label: () => "Resend", done: "The email is on its way again, with a new link." },
  { method: "POST", path: `/api/admin/users/${ID}/unlock`, permission: "unlock", label: () => "Unlock", done: "Account unlocked." },
  { method: "POST", path: `/api/admin/suppressions/${ADDRESS}/remove-and-resend`, label: () => "Remove and resend", done: "Suppression removed. A new link is on its way." },
  { method: "DELETE", path: `/api/admin/suppressions/${ADDRESS}`, label: () => "Remove suppression", done: "Suppression removed.", confirm: confirmRemoval },
  {
    method: "PATCH", path: `/api/admin/users/${ID}`, permission: "edit",
    label: (body) => (body.email ? `Change the address to ${body.email}` : body.status === "active" ? "Activate" : "Change the user"),
    done: (body) => (body.status === "active" ? "The account is active again. No email was sent. Send a link if the user needs one." : "User saved."),
    confirm: (body) => body.email && confirmAddressChange(body.email),
  },
];

/**
 * The action for a finding's fix, if the console knows it and the signed-in user has permission.
 * @param {{method: string, path: string, body?: object} | undefined} action
 * @param {object} [user] the user that the finding is about, if there is one
 */
export function fixAction(action, user) {
  const known = action && KNOWN.find(({ method, path }) => method === action.method && new RegExp(`^${path}$`).test(action.path));
  if (!known) return null;
  const allowed = known.permission ? user && may(action.body?.status ? "change_status" : known.permission, user) : isAdmin();
  if (!allowed) return null;
  const body = action.body ?? (known.method === "DELETE" ? undefined : {});
  const noBody = action.path.endsWith("/remove-and-resend") && !action.body;
  const act = () => call(action.method, action.path, { body: noBody ? undefined : body });
  return { label: known.label(action.body ?? {}), done: typeof known.done === "function" ? known.done(body) : known.done, run: () => (known.confirm?.(action.body ?? {}) ? ask({ ...known.confirm(action.body ?? {}), act }) : act()) };
}

export function confirmRemoval() {
  return {
    title: "Remove this suppression?",
    text: ["We’ll email this address again. The suppression is also removed at SES. If the mailbox still doesn’t exist, the next email bounces and harms our sender reputation."],
    confirm: "Remove",
  };
}

export const confirmComplaintRemoval = () => ({
  title: "Email someone who marked us as spam?",
  text: ["Remove this suppression only if the person asked you to. A second complaint harms our sender reputation more than the first."],
  confirm: "They asked me to. Remove it",
  danger: true,
});

export const confirmAddressChange = (email) => ({
  title: "Change the address?",
  text: [h("span", {}, "Emails to this user will go to ", h("strong", {}, email), "."), "This cancels all links and notifies the old address."],
  confirm: "Change address",
});

export const confirmDeactivation = (name) => ({
  title: `Deactivate ${name}?`,
  text: ["They are signed out everywhere and their links stop working. They get no automatic emails until you activate the account again."],
  confirm: "Deactivate",
  danger: true,
});

// The deeds of the console: which there are, what their buttons say, and what is asked before.

import { call } from "./api.mjs";
import { ask } from "./dialog.mjs";
import { h } from "./dom.mjs";
import { isAdmin, may } from "./frame.mjs";

const ID = "[0-9A-HJKMNP-TV-Z]{26}";
const ADDRESS = "[^/?#]+";

/**
 * What a finding's fix may be. Anything else that an answer names is shown in words and gets no button, so that the page
 * never calls what it does not know.
 */
const KNOWN = [
  { method: "POST", path: `/api/admin/users/${ID}/reset-password`, deed: "send_link", label: () => "Send a new link", said: "A new link is on its way." },
  { method: "POST", path: `/api/admin/users/${ID}/resend-activation`, deed: "send_link", label: () => "Resend activation", said: "A new activation link is on its way." },
  { method: "POST", path: `/api/admin/email-log/${ID}/resend`, deed: "send_link", label: () => "Send it again", said: "It is sent again, with a new link." },
  { method: "POST", path: `/api/admin/users/${ID}/unlock`, deed: "unlock", label: () => "Unlock", said: "The account is unlocked." },
  { method: "POST", path: `/api/admin/suppressions/${ADDRESS}/lift-and-resend`, label: () => "Lift and send a new link", said: "The suppression is lifted, and a new link is on its way." },
  { method: "DELETE", path: `/api/admin/suppressions/${ADDRESS}`, label: () => "Lift the suppression", said: "The suppression is lifted.", confirm: lifting },
  {
    method: "PATCH", path: `/api/admin/users/${ID}`, deed: "edit",
    label: (body) => (body.email ? `Change the address to ${body.email}` : body.status === "active" ? "Activate" : "Change the record"),
    said: (body) => (body.status === "active" ? "The account is active again. Nothing was sent; send a link if one is needed." : "The record is changed."),
    confirm: (body) => body.email && changingAddress(body.email),
  },
];

/**
 * The deed that a fix names, if this page knows it and the caller may do it.
 * @param {{method: string, path: string, body?: object} | undefined} action
 * @param {object} [user] whom it is about, if there is such a user
 */
export function deedOf(action, user) {
  const known = action && KNOWN.find(({ method, path }) => method === action.method && new RegExp(`^${path}$`).test(action.path));
  if (!known) return null;
  const allowed = known.deed ? user && may(action.body?.status ? "change_status" : known.deed, user) : isAdmin();
  if (!allowed) return null;
  const body = action.body ?? (known.method === "DELETE" ? undefined : {});
  const noBody = action.path.endsWith("/lift-and-resend") && !action.body;
  const act = () => call(action.method, action.path, { body: noBody ? undefined : body });
  return { label: known.label(action.body ?? {}), said: typeof known.said === "function" ? known.said(body) : known.said, run: () => (known.confirm?.(action.body ?? {}) ? ask({ ...known.confirm(action.body ?? {}), act }) : act()) };
}

/** What is asked before a suppression is lifted. */
export function lifting() {
  return {
    title: "Lift the suppression?",
    text: ["Mail goes to this address again, from us and from SES. If the mailbox still doesn’t exist, the next email bounces and harms the sender’s reputation."],
    confirm: "Lift it",
  };
}

/** What is asked before mail goes to somebody who called it spam. */
export const liftingComplaint = () => ({
  title: "Write to somebody who called our mail spam?",
  text: ["Lift this only if the person asked for it. A second complaint harms the sender more than the first."],
  confirm: "They asked for it; lift it",
  danger: true,
});

export const changingAddress = (email) => ({
  title: "Change the address?",
  text: [h("span", {}, "Mail to this user will go to ", h("strong", {}, email), "."), "Every link that was sent ends, and the former address is told."],
  confirm: "Change the address",
});

export const deactivating = (name) => ({
  title: `Deactivate ${name}?`,
  text: ["Their sessions and links end at once, and no automatic email goes to them until they are active again."],
  confirm: "Deactivate",
  danger: true,
});

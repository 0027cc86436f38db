// The actions that a diagnosis offers: the confirmations they need, and what is said when they are done. The service
// offers only actions that the signed-in user may carry out.

import { checkAddress } from "./address-check.mjs";
import { call } from "./api.mjs";
import { ask, field } from "./dialog.mjs";
import { h } from "./dom.mjs";

/** What is said after an action, by the end of its path. */
const DONE = {
  "reset-password": "A new link is on its way.",
  "resend-activation": "A new activation link is on its way.",
  unlock: "Account unlocked.",
  "remove-and-resend": "Suppression removed. A new link is on its way.",
};

/**
 * How to carry out an action: `run` returns the response, or `undefined` if the user cancels.
 * @param {{method: string, path: string, body?: object, input?: string}} action
 * @returns {{run: () => Promise<any>, done: string}}
 */
export function runner({ method, path, body, input }) {
  const send = (more) => call(method, path, body || more ? { body: { ...body, ...more } } : method === "POST" && !path.endsWith("/remove-and-resend") ? { body: {} } : {});
  if (input === "email") {
    const address = field("New email address", { name: "email", type: "email", required: true, autocomplete: "off", autocapitalize: "none", spellcheck: "false" });
    const question = { title: "Change the address", text: ["This cancels all links and notifies the old address."], fields: [address], confirm: "Change address" };
    const run = async () => {
      const changed = await ask({ ...question, act: ({ email }) => send({ email }) });
      return changed && checkAddress(changed);
    };
    return { run, done: ADDRESS_CHANGED };
  }
  if (body?.email) return { run: () => ask({ ...confirmAddressChange(body.email), act: () => send() }), done: ADDRESS_CHANGED };
  if (body?.status === "active") return { run: () => send(), done: "The account is active again. No email was sent. Send a link if the user needs one." };
  return { run: () => send(), done: DONE[path.split("/").pop()] ?? "Done." };
}

const ADDRESS_CHANGED = "Address changed. The diagnosis below is for the new address.";

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

// What the service warns of after an address was entered, with the correction as an offer.

import { call } from "./api.mjs";
import { ask, field } from "./dialog.mjs";
import { h } from "./dom.mjs";

/**
 * Shows the warnings about a user's address in a dialog, until the address is fine or the administrator keeps it.
 * @param {{id: string, email: string, status: string, warnings?: {code: string, detail: string}[], suggestion?: string}} user
 *   the response of the service
 * @returns {Promise<object>} the user as they are now
 */
export async function checkAddress(user) {
  const { warnings = [], suggestion, email } = user;
  if (!warnings.length && !suggestion) return user;
  const path = `/api/admin/users/${encodeURIComponent(user.id)}`;
  const pending = user.status === "pending";
  const changed = await ask({
    title: "Check the address",
    text: [
      ...warnings.map(({ detail }) => detail),
      suggestion && h("span", {}, "You entered ", h("strong", {}, email), ". Did you mean ", h("strong", {}, suggestion), "?"),
      pending ? "If you change it, the link sent to the old address stops working, and the new address gets a link." : "If you change it, all links are cancelled, and the old address is notified.",
    ].filter(Boolean),
    fields: [field("Email address", { name: "email", type: "email", required: true, value: suggestion ?? email, autocomplete: "off", autocapitalize: "none", spellcheck: "false" })],
    confirm: "Change address",
    cancel: "Keep it as it is",
    act: async (values) => {
      const answer = await call("PATCH", path, { body: { email: values.email } });
      // If only the link failed, a second attempt changes nothing and sends it.
      if (answer.status === "pending" && !answer.warnings) await call("POST", `${path}/resend-activation`, { body: {} });
      return answer;
    },
  });
  return changed ? checkAddress(changed.email === email ? { ...changed, warnings: [], suggestion: undefined } : changed) : user;
}

// Validates HTML.

import { HtmlValidate } from "html-validate";

/** Checks conformance only, not style. */
const validator = new HtmlValidate({ extends: ["html-validate:standard"] });

/** Each error in a document, with its line and the rule. */
export async function faultsOf(html, name) {
  const { results } = await validator.validateString(html, name);
  return results.flatMap(({ messages }) => messages.map(({ line, ruleId, message }) => `${name}:${line}: ${ruleId}: ${message}`));
}

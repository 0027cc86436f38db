// Whether HTML keeps to the standard.

import { HtmlValidate } from "html-validate";

/** What the standard asks for; how it is written is a matter of taste. */
const validator = new HtmlValidate({ extends: ["html-validate:standard"] });

/** Each fault of a document, with its place and the rule that it breaks. */
export async function faultsOf(html, name) {
  const { results } = await validator.validateString(html, name);
  return results.flatMap(({ messages }) => messages.map(({ line, ruleId, message }) => `${name}:${line}: ${ruleId}: ${message}`));
}

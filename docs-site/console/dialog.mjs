// Dialogs that ask for confirmation or input.

import { call, onReauthentication } from "./api.mjs";
import { h } from "./dom.mjs";
import { fail, session } from "./frame.mjs";

let made = 0;

/**
 * Shows a dialog that runs an action. It stays open until the action succeeds, and shows errors.
 * @param {{title: string, text?: (Node | string)[], fields?: Node[], confirm: string, cancel?: string, danger?: boolean,
 *   act: (values: Record<string, string>) => Promise<unknown>}} question
 * @returns {Promise<unknown>} the result of `act`, or `undefined` if cancelled
 */
export function ask({ title, text = [], fields = [], confirm, cancel: leave = "Cancel", danger = false, act }) {
  return new Promise((resolve) => {
    let answer;
    // A dialog can open above another one.
    const titleId = `dialog-title-${++made}`;
    const opener = document.activeElement;
    const failed = h("div", {});
    const submit = h("button", { type: "submit", class: danger ? "danger" : "" }, confirm);
    const cancel = h("button", { type: "button", class: "quiet", on: { click: () => dialog.close() } }, leave);
    const form = h("form", { method: "post", novalidate: true },
      h("h2", { id: titleId, tabindex: "-1" }, title),
      h("div", { id: `${titleId}-text` }, text.map((line) => h("p", {}, line))),
      failed,
      fields,
      h("div", { class: "actions" }, submit, cancel));
    const dialog = h("dialog", { "aria-labelledby": titleId, "aria-describedby": text.length ? `${titleId}-text` : undefined }, form);
    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      if (submit.disabled || !form.reportValidity()) return;
      submit.disabled = true;
      form.setAttribute("aria-busy", "true");
      try {
        answer = (await act(Object.fromEntries(new FormData(form)))) ?? true;
        dialog.close();
      } catch (failure) {
        fail(failed, failure);
      } finally {
        submit.disabled = false;
        form.removeAttribute("aria-busy");
      }
    });
    dialog.addEventListener("close", () => {
      dialog.remove();
      resolve(answer);
      // The opener may be disabled until this promise resolves, so restore the focus later, and only if nothing took it.
      setTimeout(() => document.activeElement === document.body && opener.focus());
    });
    document.body.append(dialog);
    dialog.showModal();
    // Enter must never trigger a destructive action.
    (form.querySelector("input, select, textarea") ?? (danger ? cancel : submit)).focus();
  });
}

/** A form field with its label and hint. */
export function field(label, props, { hint, options } = {}) {
  const id = `field-${++made}`;
  const described = hint ? { "aria-describedby": `${id}-hint` } : {};
  const { tag, value, ...rest } = { tag: options ? "select" : "input", ...props };
  const control = h(tag, { id, ...described, ...rest });
  if (options) control.append(...Object.entries(options).map(([key, text]) => h("option", { value: key }, text)));
  if (value !== undefined) control.value = value;
  return h("div", { class: "field" }, h("label", { for: id }, label), hint && h("p", { class: "hint", id: `${id}-hint` }, hint), control);
}

/** Asks people to prove who they are, when the service needs it for an action. The action is repeated afterwards. */
async function confirmIdentity() {
  const proof = session?.second_factor === "set_up"
    ? field("One-time code", { name: "one_time_code", autocomplete: "one-time-code", required: true, maxlength: 64 }, { hint: "The six digits of your authenticator app, or a recovery code." })
    : field("Your password", { name: "password", type: "password", autocomplete: "current-password", required: true });
  const answer = await ask({
    title: "Confirm that it’s you",
    text: ["This action gives access or changes security. You confirm once, and it counts for ten minutes."],
    fields: [proof],
    confirm: "Confirm",
    act: (values) => call("POST", "/api/step-up", { body: values }),
  });
  return Boolean(answer);
}

onReauthentication(confirmIdentity);

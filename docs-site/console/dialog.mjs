// Dialogs that ask for confirmation or input.

import { h } from "./dom.mjs";
import { fail } from "./frame.mjs";

/**
 * Shows a dialog that runs an action. It stays open until the action succeeds, and shows errors.
 * @param {{title: string, text?: (Node | string)[], fields?: Node[], confirm: string, cancel?: string, danger?: boolean,
 *   act: (values: Record<string, string>) => Promise<unknown>}} question
 * @returns {Promise<unknown>} the result of `act`, or `undefined` if cancelled
 */
export function ask({ title, text = [], fields = [], confirm, cancel: leave = "Cancel", danger = false, act }) {
  return new Promise((resolve) => {
    let answer;
    const opener = document.activeElement;
    const failed = h("div", {});
    const submit = h("button", { type: "submit", class: danger ? "danger" : "" }, confirm);
    const cancel = h("button", { type: "button", class: "quiet", on: { click: () => dialog.close() } }, leave);
    const form = h("form", { method: "post", novalidate: true },
      h("h2", { id: "dialog-title", tabindex: "-1" }, title),
      h("div", { id: "dialog-text" }, text.map((line) => h("p", {}, line))),
      failed,
      fields,
      h("div", { class: "actions" }, submit, cancel));
    const dialog = h("dialog", { "aria-labelledby": "dialog-title", "aria-describedby": text.length ? "dialog-text" : undefined }, form);
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

let made = 0;

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

// Asks before something that can't be taken back, and asks for what it needs.

import { fill, h } from "./dom.mjs";
import { problem } from "./frame.mjs";

/**
 * Asks in a dialog, and does it there: the dialog stays until it is done, and shows what went wrong.
 * @param {{title: string, text?: (Node | string)[], fields?: Node[], confirm: string, danger?: boolean,
 *   act: (values: Record<string, string>) => Promise<unknown>}} question
 * @returns {Promise<unknown>} what `act` answered; `undefined` if it was cancelled
 */
export function ask({ title, text = [], fields = [], confirm, danger = false, act }) {
  return new Promise((resolve) => {
    let answer;
    const opener = document.activeElement;
    const failed = h("div", {});
    const submit = h("button", { type: "submit", class: danger ? "danger" : "" }, confirm);
    const cancel = h("button", { type: "button", class: "quiet", on: { click: () => dialog.close() } }, "Cancel");
    const form = h("form", { method: "post", novalidate: true },
      h("h2", { id: "dialog-title", tabindex: "-1" }, title),
      text.map((line) => h("p", {}, line)),
      failed,
      fields,
      h("div", { class: "actions" }, submit, cancel));
    const dialog = h("dialog", { "aria-labelledby": "dialog-title" }, form);
    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      if (submit.disabled || !form.reportValidity()) return;
      submit.disabled = true;
      form.setAttribute("aria-busy", "true");
      try {
        answer = (await act(Object.fromEntries(new FormData(form)))) ?? true;
        dialog.close();
      } catch (failure) {
        fill(failed, problem(failure));
      } finally {
        submit.disabled = false;
        form.removeAttribute("aria-busy");
      }
    });
    dialog.addEventListener("close", () => {
      dialog.remove();
      resolve(answer);
      // A button that waits for this answer can't have the focus back before it has it; whoever was told something has it.
      setTimeout(() => document.activeElement === document.body && opener.focus());
    });
    document.body.append(dialog);
    dialog.showModal();
    // Where something is to be typed, the browser goes to the first field. A dangerous button is never what Enter meets.
    (form.querySelector("input, select, textarea") ?? (danger ? cancel : submit)).focus();
  });
}

let made = 0;

/** A field of a dialog, with its label and its hint. */
export function field(label, props, { hint, options } = {}) {
  const id = `field-${++made}`;
  const described = hint ? { "aria-describedby": `${id}-hint` } : {};
  const { tag, value, ...rest } = { tag: options ? "select" : "input", ...props };
  const control = h(tag, { id, ...described, ...rest });
  if (options) control.append(...Object.entries(options).map(([key, text]) => h("option", { value: key }, text)));
  if (value !== undefined) control.value = value;
  return h("div", { class: "field" }, h("label", { for: id }, label), hint && h("p", { class: "hint", id: `${id}-hint` }, hint), control);
}

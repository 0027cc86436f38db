// Offers to correct a mistyped email address below its field.

import { fillIn, say } from "./form.js";
import { suggestionFor } from "./typo.js";

/** @param {HTMLFormElement} form with a field `email` */
export function suggest(form) {
  const { email } = form.elements;
  const place = form.querySelector("[data-suggest]");
  const button = place.querySelector("button");
  let meant = null;
  let pressed = false;
  const check = () => {
    // The suggestion moves what is below it. While the user presses a button there, it would move away from the pointer.
    if (pressed) return addEventListener("pointerup", () => setTimeout(check), { once: true });
    meant = suggestionFor(email.value);
    place.hidden = meant === null;
    if (meant === null) return;
    fillIn(button, { address: meant });
    say(form, button.textContent);
  };
  for (const name of ["pointerdown", "pointerup", "pointercancel"]) {
    addEventListener(name, () => (pressed = name === "pointerdown"), { capture: true, passive: true });
  }
  email.addEventListener("change", check);
  // While the user types, an earlier suggestion only distracts.
  email.addEventListener("input", () => (place.hidden = true));
  button.addEventListener("click", () => {
    email.value = meant;
    place.hidden = true;
    email.focus();
  });
}

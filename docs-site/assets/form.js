// Shared by all forms: the waiting state, error messages next to their field, and the focus.

/** The page's language in the reader's region (14:35 in Britain, 2:35 PM in the US), with Latin digits as in our texts. */
const LANGUAGE = document.documentElement.lang;
const LOCALE = `${navigator.languages.find((own) => own.split("-")[0] === LANGUAGE) ?? LANGUAGE}-u-nu-latn`;

/**
 * Submits a form through `send`, and shows the waiting state until it has finished.
 * @param {HTMLFormElement} form
 * @param {(values: Record<string, string>) => Promise<void>} send
 */
export function connect(form, send) {
  const button = form.querySelector("button[type=submit]");
  const label = button.textContent;
  const reveal = form.querySelector("[data-reveal]");
  const conceal = reveal ? connectReveal(reveal) : () => {};
  let waiting = false;

  const wait = (on) => {
    waiting = on;
    button.disabled = on;
    button.textContent = on ? button.dataset.waiting : label;
    form.setAttribute("aria-busy", String(on));
    say(form, on ? button.dataset.waiting : "");
  };

  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    if (waiting) return;
    clear(form);
    const empty = [...form.elements].find((field) => field.required && field.value === "");
    if (empty) return refuseField(empty, [empty.dataset.missing]);
    // Browsers remember the contents of plain text fields, so hide the password before it is submitted.
    conceal();
    const values = Object.fromEntries(new FormData(form));
    wait(true);
    try {
      await send(values);
    } finally {
      wait(false);
    }
  });
  // An error is about what was sent, so it goes when the user changes something.
  form.addEventListener("input", () => clear(form));
  // The button starts disabled, because without this script it would submit the form directly.
  button.disabled = false;
}

/** Announces a text to screen readers. */
export function say(form, text) {
  form.querySelector("[data-status]").textContent = text;
}

/** The page's own text for a reason code, in the page's language. Unknown codes use the API's text. */
export function reasonOf(form, { code, detail, limit }) {
  const words = form.querySelector(`template[data-reason="${CSS.escape(code)}"]`)?.content.cloneNode(true);
  if (!words) return detail;
  fillIn(words, { limit });
  return words.textContent;
}

/** Shows an error at a field and focuses it. */
export function refuseField(field, reasons) {
  const place = document.getElementById(`${field.id}-problem`);
  place.replaceChildren(...(reasons.length > 1 ? [list(reasons)] : reasons));
  place.hidden = false;
  field.setAttribute("aria-invalid", "true");
  field.focus();
}

/** Shows one of the page's messages above the fields and focuses it. */
export function notify(form, name, fill = {}, { good = false } = {}) {
  const selector = `template[data-message="${name}"]`;
  const message = (form.querySelector(selector) ?? document.querySelector(selector)).content.cloneNode(true);
  const box = form.querySelector("[data-notice]");
  fillIn(message, fill);
  // Hide parts whose value is missing.
  for (const part of message.querySelectorAll("[data-only]")) part.hidden = !fill[part.dataset.only];
  box.replaceChildren(message);
  box.classList.toggle("good", good);
  box.hidden = false;
  box.focus();
}

/** Shows the failures that every form shares. */
export function notifyFailure(form, { status, body, wait }) {
  const fill = { wait: wait && inWords(wait) };
  if (status === 0) return notify(form, navigator.onLine ? "unreachable" : "offline");
  if (status === 429) return notify(form, "too-many-requests", fill);
  if (status === 502 || status === 503 || status === 504) return notify(form, "service-unavailable", fill);
  if (body.code === "origin-refused") return notify(form, "origin-refused");
  return notify(form, "unexpected");
}

/** Shows some of the page's states. The first one sets the page's title. */
export function show([first, ...others], { focus = true } = {}) {
  for (const state of document.querySelectorAll("[data-state]")) {
    state.hidden = ![first, ...others].includes(state.dataset.state);
  }
  const heading = document.querySelector("h1");
  const { title } = document.querySelector(`[data-state="${first}"]`).dataset;
  document.title = document.title.replace(heading.textContent, title);
  heading.textContent = title;
  if (focus) heading.focus();
}

/** Fills in placeholders with text, never HTML. Placeholders without a text keep their default. */
export function fillIn(root, fill) {
  for (const [name, text] of Object.entries(fill)) {
    const place = root.querySelector(`[data-fill="${name}"]`);
    if (place && text) place.textContent = text;
  }
}

/** "40 seconds" or "15 minutes" in the page's language. Rounded up, so that a retry at that time succeeds. */
export function inWords(seconds) {
  const [count, unit] = seconds < 60 ? [seconds, "second"] : seconds < 3600 ? [seconds / 60, "minute"] : [seconds / 3600, "hour"];
  return new Intl.NumberFormat(LOCALE, { style: "unit", unit, unitDisplay: "long" }).format(Math.ceil(count));
}

/** The time of day after this many seconds, rounded up to the minute as above. */
export function clockIn(seconds) {
  const minute = 60_000;
  const then = Math.ceil((Date.now() + seconds * 1000) / minute) * minute;
  return new Intl.DateTimeFormat(LOCALE, { timeStyle: "short" }).format(then);
}

function clear(form) {
  form.querySelector("[data-notice]").hidden = true;
  for (const field of form.querySelectorAll("[aria-invalid]")) {
    field.removeAttribute("aria-invalid");
    document.getElementById(`${field.id}-problem`).hidden = true;
  }
}

function list(texts) {
  const list = document.createElement("ul");
  for (const text of texts) list.appendChild(document.createElement("li")).textContent = text;
  return list;
}

/** Connects the button that shows the password. Returns a function that hides it again. */
function connectReveal(button) {
  const field = button.parentElement.querySelector("input");
  const [showWord, hideWord] = button.querySelectorAll("span");
  const turn = (visible) => {
    field.type = visible ? "text" : "password";
    showWord.hidden = visible;
    hideWord.hidden = !visible;
  };
  button.addEventListener("click", () => turn(field.type === "password"));
  button.hidden = false;
  return () => turn(false);
}

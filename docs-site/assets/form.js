// What all forms do alike: wait, tell what is wrong where it is wrong, and take the focus there.

/** The page's language, as its reader writes it: in Britain it is 14:35, in America 2:35 PM. With the digits of the texts. */
const LANGUAGE = document.documentElement.lang;
const LOCALE = `${navigator.languages.find((own) => own.split("-")[0] === LANGUAGE) ?? LANGUAGE}-u-nu-latn`;

/**
 * Brings a form to life. `send` gets the values; until it is done the form waits.
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
    // A browser remembers what is typed into a field of plain text.
    conceal();
    const values = Object.fromEntries(new FormData(form));
    wait(true);
    try {
      await send(values);
    } finally {
      wait(false);
    }
  });
  // Without this script a click would send the form itself; so it comes disabled.
  button.disabled = false;
}

/** Has a screen reader say something, when it has nothing else to say. */
export function say(form, text) {
  form.querySelector("[data-status]").textContent = text;
}

/** What the page calls a reason of the service, in its own language; of one that is new, what the service says. */
export function reasonOf(form, { code, detail, limit }) {
  const words = form.querySelector(`template[data-reason="${CSS.escape(code)}"]`)?.content.cloneNode(true);
  if (!words) return detail;
  fillIn(words, { limit });
  return words.textContent;
}

/** Says at a field what is wrong with it, and goes there. */
export function refuseField(field, reasons) {
  const place = document.getElementById(`${field.id}-problem`);
  place.replaceChildren(...(reasons.length > 1 ? [list(reasons)] : reasons));
  place.hidden = false;
  field.setAttribute("aria-invalid", "true");
  field.focus();
}

/** Shows one of the page's messages above the fields, and goes there. */
export function notify(form, name, fill = {}, { good = false } = {}) {
  const selector = `template[data-message="${name}"]`;
  const message = (form.querySelector(selector) ?? document.querySelector(selector)).content.cloneNode(true);
  const box = form.querySelector("[data-notice]");
  fillIn(message, fill);
  // Some words make sense only with a value in them.
  for (const part of message.querySelectorAll("[data-only]")) part.hidden = !fill[part.dataset.only];
  box.replaceChildren(message);
  box.classList.toggle("good", good);
  box.hidden = false;
  box.focus();
}

/** Says what every form has to say: the service can't be reached, is busy, or failed. */
export function notifyFailure(form, { status, body, wait }) {
  const fill = { wait: wait && inWords(wait) };
  if (status === 0) return notify(form, navigator.onLine ? "unreachable" : "offline");
  if (status === 429) return notify(form, "too-many-requests", fill);
  if (status === 502 || status === 503 || status === 504) return notify(form, "service-unavailable", fill);
  if (body.code === "origin-refused") return notify(form, "origin-refused");
  return notify(form, "unexpected");
}

/** Turns the page to some of its states. The first one names the page. */
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

/** Puts texts, never HTML, into the places that wait for them. What has no text keeps the words that it has. */
export function fillIn(root, fill) {
  for (const [name, text] of Object.entries(fill)) {
    const place = root.querySelector(`[data-fill="${name}"]`);
    if (place && text) place.textContent = text;
  }
}

/** "40 seconds", "15 minutes", in the page's language. Rounded up: who comes too early is refused again. */
export function inWords(seconds) {
  const [count, unit] = seconds < 60 ? [seconds, "second"] : seconds < 3600 ? [seconds / 60, "minute"] : [seconds / 3600, "hour"];
  return new Intl.NumberFormat(LOCALE, { style: "unit", unit, unitDisplay: "long" }).format(Math.ceil(count));
}

/** The time of day that comes after so many seconds, to the minute, rounded up as above. */
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

/** Lets a password be seen while it is typed. Returns what hides it again. */
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

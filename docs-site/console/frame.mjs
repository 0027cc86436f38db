// What all pages of the console begin with: whose session it is, what the role may see, and what to say if something
// fails.

import { Failure, call } from "./api.mjs";
import { fill, h, one } from "./dom.mjs";
import { ROLE } from "./words.mjs";

/** The only pages a sign-in may return to. */
const PAGES = /^\/admin\/([a-z-]+\/)?$/;
const RETURN = "console-return";

/** The sign-in page sets it beside the session's cookie, which no script can see: without it there is no session. */
const HINT = "__Host-mailkey-signed-in";

/** Who is signed in: the user of `GET /api/session`. */
export let me = null;

/**
 * Begins a page: `view` runs once it is clear that the caller may see it.
 * @param {() => Promise<void> | void} view
 * @param {{admin?: boolean}} [needs] whether only an administrator may see the page
 */
export async function open(view, { admin = false } = {}) {
  // Who never signed in is not asked for: the answer would be a refusal, which browsers note as an error of the page.
  if (!document.cookie.includes(`${HINT}=`)) return toSignIn();
  const gate = one("[data-gate]");
  gate.textContent = "Loading …";
  try {
    me = (await call("GET", "/api/session")).user;
  } catch (failure) {
    return report(gate, failure, () => open(view, { admin }));
  }
  if (goBack()) return;
  showWho();
  if (me.role === "member") return refuse(gate, "This page is for administrators", "Your account has no part in the console. You are signed in as a member.");
  for (const element of document.querySelectorAll("[data-admin]")) element.hidden = me.role !== "admin";
  const nav = one("[data-nav]");
  nav.hidden = false;
  keepInView(one("[aria-current]", nav));
  if (admin && me.role !== "admin") return refuse(gate, "This page is for administrators", "Support can look at users, the email log, suppressions and the sender.");
  gate.textContent = "";
  gate.hidden = true;
  addEventListener("keydown", slashSearches);
  one("[data-view]").hidden = false;
  await view();
}

/** Whether the caller may do something to a user; the service decides again. */
export function may(deed, user) {
  const reach = me.role === "admin" || (me.role === "support" && (user.role === "member" || user.id === me.id));
  const helps = deed === "send_link" || deed === "unlock";
  if (!reach || (me.role !== "admin" && !helps)) return false;
  return user.id !== me.id || deed === "send_link" || deed === "edit";
}

export const isAdmin = () => me?.role === "admin";

/**
 * Loads something into a place: says that it loads, shows it, or shows what went wrong with a way to try again.
 * @template T
 * @param {HTMLElement} place
 * @param {() => Promise<T>} get
 * @param {(got: T) => void} show
 */
export async function load(place, get, show) {
  place.setAttribute("aria-busy", "true");
  // What is there already stays until there is something better: no page jumps while it is refreshed.
  if (!place.hasChildNodes()) fill(place, h("p", { class: "loading" }, "Loading …"));
  try {
    show(await get());
  } catch (failure) {
    report(place, failure, () => {
      place.replaceChildren();
      return load(place, get, show);
    });
  } finally {
    place.removeAttribute("aria-busy");
  }
}

/** Shows a failure where it happened. Who is not signed in any more is sent to sign in. */
export function report(place, failure, again) {
  if (failure.name === "AbortError") return;
  if (failure instanceof Failure && failure.status === 401) return toSignIn();
  place.hidden = false;
  fill(place, problem(failure, again));
}

/** A failure in words, with the page that explains it. */
export function problem(failure, again) {
  if (!(failure instanceof Failure)) console.error(failure);
  const { title, detail, code, wait } = failure instanceof Failure ? failure : { title: "Something went wrong on this page", detail: String(failure.message) };
  return h("div", { class: "notice bad", role: "alert" },
    h("p", {}, h("strong", {}, title)),
    h("p", {}, detail, wait ? ` Try again in ${wait} seconds.` : ""),
    h("p", { class: "actions" },
      again && h("button", { type: "button", class: "quiet", on: { click: () => again() } }, "Try again"),
      failure.status === 401 && h("button", { type: "button", class: "quiet", on: { click: toSignIn } }, "Sign in"),
      code && h("a", { href: `/problems/${code}/` }, "What this means")));
}

/** Says in passing what was done; with `undo`, it can be taken back from there. */
export function toast(text, undo) {
  const note = h("p", { class: "toast" }, text);
  if (undo) note.append(" ", h("button", { type: "button", class: "link", on: { click: () => { note.remove(); undo(); } } }, "Undo"));
  one("[data-toasts]").replaceChildren(note);
  setTimeout(() => note.remove(), undo ? 20_000 : 8000);
}

function showWho() {
  const form = one("[data-sign-out]");
  fill(one("[data-who]"), h("span", {}, me.display_name || me.email), h("span", { class: "hint" }, ROLE[me.role] ?? me.role));
  form.hidden = false;
  const button = one("button", form);
  button.disabled = false;
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    button.disabled = true;
    try {
      await call("POST", "/api/sign-out");
    } catch (failure) {
      button.disabled = false;
      if (failure.status !== 401) return toast(failure.title);
    }
    forget();
    location.assign("/sign-in/");
  });
}

function refuse(gate, title, detail) {
  gate.replaceWith(h("div", { class: "notice" }, h("h1", {}, title), h("p", {}, detail), h("p", {}, h("a", { href: "/" }, "To the support site"))));
}

/** `/` leads to what the page can be searched by, and where there is nothing, to the search for users. */
function slashSearches(event) {
  const elsewhere = event.key !== "/" || event.ctrlKey || event.metaKey || event.altKey || event.isComposing;
  if (elsewhere || event.target.closest("input, select, textarea, dialog")) return;
  event.preventDefault();
  const field = one('main form[role="search"] input');
  if (!field) return location.assign("/admin/users/");
  field.focus();
  field.select();
}

const forget = () => (document.cookie = `${HINT}=; Path=/; Max-Age=0; Secure; SameSite=Strict`);

function toSignIn() {
  forget();
  try {
    sessionStorage.setItem(RETURN, location.pathname + location.search);
  } catch {
    // Storage may be switched off. Then the way back ends at the overview.
  }
  location.replace("/sign-in/?return=console");
}

/** Goes on to where the caller was when the session ended. The sign-in page says with `#return` that it comes from there. */
function goBack() {
  if (location.hash !== "#return") return false;
  history.replaceState(null, "", location.pathname + location.search);
  let wanted = null;
  try {
    wanted = sessionStorage.getItem(RETURN);
    sessionStorage.removeItem(RETURN);
  } catch {
    return false;
  }
  const url = wanted && URL.parse(wanted, location.origin);
  if (!url || url.origin !== location.origin || !PAGES.test(url.pathname)) return false;
  if (url.pathname + url.search === location.pathname + location.search) return false;
  location.replace(url.pathname + url.search);
  return true;
}

/** On a phone the navigation scrolls sideways; the current page is to be seen in it. */
function keepInView(link) {
  const list = link?.closest("ul");
  if (list) list.scrollLeft = link.offsetLeft - list.offsetLeft - 16;
}

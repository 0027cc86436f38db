// Shared by all console pages: the session, what the role may see, and error messages.

import { Failure, call } from "./api.mjs";
import { fill, h, one } from "./dom.mjs";
import { withTimes } from "./times.mjs";
import { ROLE } from "./words.mjs";

/** The only pages a sign-in may return to. */
const PAGES = /^\/admin\/([a-z-]+\/)?$/;
const RETURN = "console-return";

/** Scripts can't see the session cookie, so the sign-in page sets this cookie with it. Without it there is no session. */
const HINT = "__Host-mailkey-signed-in";

/** The signed-in user, from `GET /api/session`. */
export let me = null;

/** The whole response: the user, when the session expires, and the state of the second factor. */
export let session = null;

const ACCOUNT = "/admin/account/";

/**
 * Starts a page. `view` runs once the session shows that the user may see the page.
 * @param {() => Promise<void> | void} view
 * @param {{admin?: boolean, withoutFactor?: boolean}} [needs] whether only an administrator may see the page, and whether
 *   it can be used before a required second factor is set up
 */
export async function open(view, { admin = false, withoutFactor = false } = {}) {
  // Without a session, the request would fail with 401 and browsers would log an error.
  if (!document.cookie.includes(`${HINT}=`)) return toSignIn();
  const gate = one("[data-gate]");
  gate.textContent = "Loading …";
  try {
    session = await call("GET", "/api/session");
    me = session.user;
  } catch (failure) {
    return report(gate, failure, () => open(view, { admin, withoutFactor }));
  }
  if (goBack()) return;
  showWho();
  if (me.role === "member") return refuse(gate, "This page is for administrators", "Your account can’t use the console. Ask an administrator for access.");
  if (session.second_factor === "required" && !withoutFactor) return location.replace(ACCOUNT);
  for (const element of document.querySelectorAll("[data-admin]")) element.hidden = me.role !== "admin";
  if (!hasMembers()) withoutMembers();
  const nav = one("[data-nav]");
  nav.hidden = false;
  keepInView(one("[aria-current]", nav));
  if (admin && me.role !== "admin") return refuse(gate, "This page is for administrators", "With the support role you can view users, the email log, suppressions and the sender.");
  gate.textContent = "";
  gate.hidden = true;
  addEventListener("keydown", slashSearches);
  one("[data-view]").hidden = false;
  await view();
}

/** Whether to offer an action on a user. The service checks permissions again. */
export function may(permission, user) {
  // A former member's account stays stored but can't be used. Only its data can be exported and erased.
  if (!hasMembers() && user.role === "member" && permission !== "erase") return false;
  const inReach = me.role === "admin" || (me.role === "support" && (user.role === "member" || user.id === me.id));
  const forSupport = ["send_link", "unlock", "require_new_password"].includes(permission);
  if (!inReach || (me.role !== "admin" && !forSupport)) return false;
  if (permission === "erase" && user.role !== "member") return false;
  return user.id !== me.id || permission === "send_link" || permission === "edit";
}

export const isAdmin = () => me?.role === "admin";

/** Whether members have accounts here. With `Directory=none`, only staff do. */
export const hasMembers = () => session?.directory !== "none";

/** Shows what is different without members. `data-without-members` is an element's other text; if empty, the element is only shown. */
function withoutMembers() {
  for (const element of document.querySelectorAll("[data-without-members]")) {
    if (element.dataset.withoutMembers) element.textContent = element.dataset.withoutMembers;
    element.hidden = false;
  }
  one('[data-nav] a[href="/admin/users/"]').textContent = "Staff";
}

/**
 * Loads content into a place. Shows a loading message first, and on failure an error with a button to try again.
 * @template T
 * @param {HTMLElement} place
 * @param {() => Promise<T>} get
 * @param {(got: T) => void} show
 */
export async function load(place, get, show) {
  // An earlier filter's answer may arrive after a later one's. Only the latest load of a place is shown.
  const mine = {};
  latest.set(place, mine);
  const isLatest = () => latest.get(place) === mine;
  place.setAttribute("aria-busy", "true");
  // Existing content stays until the new content arrives, so the page doesn't jump during a refresh.
  if (!place.hasChildNodes()) fill(place, h("p", { class: "loading" }, "Loading …"));
  try {
    const got = await get();
    if (isLatest()) show(got);
  } catch (failure) {
    if (!isLatest()) return;
    report(place, failure, () => {
      place.replaceChildren();
      return load(place, get, show);
    });
  } finally {
    if (isLatest()) place.removeAttribute("aria-busy");
  }
}

/** The latest load of each place. */
const latest = new WeakMap();

/** Shows a failure where it happened, or goes to the sign-in page if the session has ended. */
export function report(place, failure, again) {
  if (failure.name === "AbortError") return;
  if (failure instanceof Failure && failure.code === "sign-in-required") return toSignIn();
  place.hidden = false;
  fill(place, problem(failure, again));
}

/** Shows the failure of an action, and leads the user to it: it may be outside the visible part of the page. */
export function fail(place, failure, ...more) {
  place.hidden = false;
  const notice = problem(failure);
  fill(place, notice, ...more);
  notice.tabIndex = -1;
  notice.focus({ preventScroll: true });
  notice.scrollIntoView({ block: "center" });
}

/** An error message with a link to its help page. */
export function problem(failure, again) {
  if (!(failure instanceof Failure)) console.error(failure);
  const { title, detail, code, wait } = failure instanceof Failure ? failure : { title: "Something went wrong on this page", detail: String(failure.message) };
  return h("div", { class: "notice bad", role: "alert" },
    h("p", {}, h("strong", {}, title)),
    h("p", {}, withTimes(detail), wait ? ` Try again in ${wait < 120 ? `${wait} seconds` : `${Math.ceil(wait / 60)} minutes`}.` : ""),
    h("p", { class: "actions" },
      again && h("button", { type: "button", class: "quiet", on: { click: () => again() } }, "Try again"),
      code === "sign-in-required" && h("button", { type: "button", class: "quiet", on: { click: toSignIn } }, "Sign in"),
      code && h("a", { href: `/problems/${code}/` }, "What this means")));
}

/** Shows a short-lived message, with an Undo button if `undo` is given. */
export function toast(text, undo) {
  const note = h("p", { class: "toast" }, text);
  if (undo) note.append(" ", h("button", { type: "button", class: "link", on: { click: () => { note.remove(); undo(); } } }, "Undo"));
  one("[data-toasts]").replaceChildren(note);
  setTimeout(() => note.remove(), undo ? 20_000 : 8000);
}

function showWho() {
  const form = one("[data-sign-out]");
  fill(one("[data-who]"), h("a", { href: ACCOUNT }, me.display_name || me.email), h("span", { class: "hint" }, ROLE[me.role] ?? me.role));
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
  gate.replaceWith(h("div", { class: "notice" }, h("h1", {}, title), h("p", {}, detail), h("p", {}, h("a", { href: "/" }, "Go to the support site"))));
}

/** `/` focuses the page's search field. On a page without one, it opens the user search. */
function slashSearches(event) {
  const ignored = event.key !== "/" || event.ctrlKey || event.metaKey || event.altKey || event.isComposing;
  if (ignored || event.target.closest("input, select, textarea, dialog")) return;
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
    // Storage may be disabled. The sign-in then returns to the overview.
  }
  location.replace("/sign-in/?return=console");
}

/** Returns to the page where the session ended. The sign-in page sends users here with `#return`. */
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

/** On a phone the navigation scrolls sideways. Scrolls to the current page. */
function keepInView(link) {
  const list = link?.closest("ul");
  if (list) list.scrollLeft = link.offsetLeft - list.offsetLeft - 16;
}

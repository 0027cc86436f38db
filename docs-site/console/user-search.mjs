// Search-as-you-type for users. Arrow keys move through the results, Enter opens one, Escape returns to the field.

import { call } from "./api.mjs";
import { badge, empty, fill, h } from "./dom.mjs";
import { report } from "./frame.mjs";
import { offerMore } from "./email-list.mjs";
import { time } from "./times.mjs";
import { ROLE, USER_STATUS, plain } from "./words.mjs";

/** Delay after a keystroke before the search starts, in milliseconds. */
const DEBOUNCE = 180;

/**
 * @param {HTMLElement} place
 * @param {{limit: number, idle: boolean, inAddress: boolean}} options `idle` lists users while the field is empty;
 *   `inAddress` keeps the query in the page's URL
 */
export function userSearch(place, { limit, idle, inAddress }) {
  const input = h("input", { id: "user-query", type: "search", autocomplete: "off", autocapitalize: "none", spellcheck: "false", "aria-describedby": "user-query-hint", placeholder: "Name or email address" });
  const count = h("p", { class: "hint", role: "status", "data-count": "" });
  const results = h("div", { "data-results": "" });
  const form = h("form", { role: "search", method: "post", novalidate: true },
    h("div", { class: "field" }, h("label", { for: "user-query" }, "Name or email address"), input),
    h("p", { class: "hint", id: "user-query-hint" }, h("kbd", {}, "/"), " to search, ", h("kbd", {}, "↓"), " to select, ", h("kbd", {}, "Enter"), " to open"));
  fill(place, form, count, results);
  let asked = new AbortController();
  let timer = 0;
  let settled = null;

  const links = () => [...results.querySelectorAll("a[data-user]")];
  const search = async () => {
    const query = input.value.trim();
    if (query === settled) return;
    settled = query;
    asked.abort();
    asked = new AbortController();
    const { signal } = asked;
    if (inAddress) history.replaceState(null, "", query ? `?query=${encodeURIComponent(query)}` : location.pathname);
    if (!query && !idle) {
      count.textContent = "";
      return results.replaceChildren();
    }
    results.setAttribute("aria-busy", "true");
    const page = (cursor) => call("GET", "/api/admin/users", { query: { query, limit, cursor }, signal });
    try {
      show(query, await page(), page);
    } catch (failure) {
      settled = null;
      report(results, failure, search);
    } finally {
      if (!signal.aborted) results.removeAttribute("aria-busy");
    }
  };
  const show = (query, { users, next_cursor }, page) => {
    count.textContent = summary(query, users.length, next_cursor);
    if (!users.length) return fill(results, noResults(query));
    const list = h("ul", { class: "people" }, users.map(person));
    const more = h("div", {});
    fill(results, list, more);
    offerMore(more, next_cursor, page, (next) => {
      const added = next.users.map(person);
      list.append(...added);
      added[0]?.querySelector("a").focus();
      return next.next_cursor;
    });
  };

  input.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(search, DEBOUNCE);
  });
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    clearTimeout(timer);
    await search();
    const found = links();
    if (found.length === 1) found[0].click();
    else found[0]?.focus();
  });
  place.addEventListener("keydown", (event) => {
    const found = links();
    const at = found.indexOf(document.activeElement);
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step && found.length) {
      event.preventDefault();
      (found[at + step] ?? (at + step < 0 ? input : found.at(-1))).focus();
    } else if (event.key === "Escape" && at >= 0) {
      input.focus();
    }
  });
  if (inAddress) input.value = new URLSearchParams(location.search).get("query") ?? "";
  input.focus();
  search();
}

function summary(query, number, more) {
  if (!query) return more ? "Newest users" : number === 1 ? "1 user" : `${number} users, newest first`;
  if (number === 0) return "No users found";
  return more ? `More than ${number} users found` : number === 1 ? "1 user found" : `${number} users found`;
}

function noResults(query) {
  if (!query) return empty("There are no users yet.");
  const isAddress = /^\S+@\S+$/.test(query);
  return empty(`No name or address starts with “${query}”.`,
    isAddress && h("p", {}, h("a", { href: `/admin/diagnosis/?email=${encodeURIComponent(query)}` }, "Diagnose emails to this address")));
}

function person(user) {
  const [status, tone] = USER_STATUS[user.status] ?? [plain(user.status), "mute"];
  return h("li", {},
    h("a", { href: `/admin/user/?id=${encodeURIComponent(user.id)}`, "data-user": user.id },
      h("strong", {}, user.display_name || user.email), " ", h("span", { class: "address" }, user.email)),
    h("span", { class: "badges" }, user.role !== "member" && badge(ROLE[user.role] ?? user.role, "info"), badge(status, tone)),
    h("span", { class: "hint" }, user.last_sign_in_at ? h("span", {}, "signed in ", time(user.last_sign_in_at)) : "never signed in"));
}

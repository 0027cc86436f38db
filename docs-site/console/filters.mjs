// Filters are kept in the URL, so that a filtered page can be linked to and the back button works.

import { h, one } from "./dom.mjs";

/**
 * @param {HTMLFormElement} form
 * @param {Record<string, Record<string, string>>} choices options of its selects, by name
 * @param {(values: Record<string, string>) => void} show runs now and at every change
 */
export function filters(form, choices, show) {
  for (const [name, options] of Object.entries(choices)) {
    form.elements[name].append(h("option", { value: "" }, "Any"), ...Object.entries(options).map(([value, text]) => h("option", { value }, text)));
  }
  const names = [...form.elements].map((field) => field.name).filter(Boolean);
  const read = () => {
    const query = new URLSearchParams(location.search);
    for (const name of names) form.elements[name].value = query.get(name) ?? "";
    const values = Object.fromEntries(names.map((name) => [name, form.elements[name].value.trim()]).filter(([, value]) => value));
    const clear = one("[data-clear]", form);
    if (clear) clear.hidden = Object.keys(values).length === 0;
    show(values);
  };
  const go = () => {
    const values = names.map((name) => [name, form.elements[name].value.trim()]).filter(([, value]) => value);
    const query = new URLSearchParams(values).toString();
    const address = query ? `?${query}` : location.pathname;
    if (query !== location.search.slice(1)) history.pushState(null, "", address);
    read();
  };
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    if (form.reportValidity()) go();
  });
  form.addEventListener("change", (event) => event.target.tagName === "SELECT" && go());
  one("[data-clear]", form)?.addEventListener("click", () => {
    for (const name of names) form.elements[name].value = "";
    go();
    form.querySelector("input")?.focus();
  });
  addEventListener("popstate", read);
  one("button[type=submit]", form).disabled = false;
  read();
}

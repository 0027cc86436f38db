// Creates elements. Text is always inserted as text, so nothing in a response is parsed as HTML.

/**
 * @param {string} tag
 * @param {object} [props] attributes, and `on`: listeners by event
 * @param {...(Node | string | null | undefined | false)} children strings become text
 */
export function h(tag, props = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(props)) {
    if (value === undefined || value === null || value === false) continue;
    if (name === "on") {
      for (const [event, listener] of Object.entries(value)) element.addEventListener(event, listener);
    } else {
      element.setAttribute(name, value === true ? "" : String(value));
    }
  }
  element.append(...children.flat().filter((child) => child !== null && child !== undefined && child !== false));
  return element;
}

/** The same for SVG. */
export function svg(tag, props = {}, ...children) {
  const element = document.createElementNS("http://www.w3.org/2000/svg", tag);
  for (const [name, value] of Object.entries(props)) element.setAttribute(name, String(value));
  element.append(...children);
  return element;
}

export const one = (selector, root = document) => root.querySelector(selector);

export function fill(place, ...children) {
  place.replaceChildren(...children.flat().filter(Boolean));
  return place;
}

export const badge = (text, tone, title) => h("span", { class: `badge ${tone ?? "mute"}`, title }, text);

/** A list of names and values. Rows without a value are omitted. */
export function facts(rows) {
  const shown = rows.filter(([, value]) => value !== undefined && value !== null && value !== false && value !== "");
  return h("dl", { class: "facts" }, shown.map(([name, value]) => h("div", {}, h("dt", {}, name), h("dd", {}, value))));
}

/**
 * A table that becomes a list of cards on a narrow screen.
 * @param {string} caption for screen readers
 * @param {string[]} columns
 * @param {(Node | string | null)[][]} rows
 */
export function table(caption, columns, rows) {
  const head = h("thead", {}, h("tr", {}, columns.map((name) => h("th", { scope: "col" }, name))));
  const cell = (value, index) => h(index === 0 ? "th" : "td", index === 0 ? { scope: "row" } : { "data-column": columns[index] }, value ?? "–");
  const body = h("tbody", {}, rows.map((row) => h("tr", {}, row.map(cell))));
  return h("table", {}, h("caption", { class: "visually-hidden" }, caption), head, body);
}

export const empty = (title, ...more) => h("div", { class: "empty" }, h("p", {}, h("strong", {}, title)), ...more);

/** Text with a button that copies it. */
export function copyable(text, what) {
  const button = h("button", { type: "button", class: "link", "aria-label": `Copy ${what}` }, "Copy");
  button.addEventListener("click", async () => {
    try {
      await navigator.clipboard.writeText(text);
      button.textContent = "Copied";
    } catch {
      // The browser denied access to the clipboard. Select the text instead.
      getSelection().selectAllChildren(code);
    }
  });
  const code = h("code", { class: "take" }, text);
  return h("span", { class: "copyable" }, code, " ", button);
}

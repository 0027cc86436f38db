// API keys. A key's secret is shown only once.

import { call } from "./api.mjs";
import { ask, field } from "./dialog.mjs";
import { badge, copyable, empty, fill, h, one, table } from "./dom.mjs";
import { load, open, toast } from "./frame.mjs";
import { time } from "./times.mjs";
import { ROLE, STAFF } from "./words.mjs";

const ROUTE = "/api/admin/api-keys";
const COLUMNS = ["Name", "Role", "Routes", "Last used", "Expires", "Status"];
const place = one("[data-list]");

function refresh() {
  return load(place, () => call("GET", ROUTE), ({ api_keys }) => {
    fill(place, api_keys.length ? table("API keys", COLUMNS, api_keys.map(row)) : empty("No API keys yet.", h("p", {}, "Create a key for each program that calls the API. A program should never use a person’s password.")));
  });
}

function row(key) {
  const expired = Date.parse(key.expires_at) <= Date.now();
  const state = key.revoked_at
    ? badge("Revoked", "bad")
    : expired ? badge("Expired", "mute") : h("span", { class: "badges" }, badge("Active", "good"), h("button", { type: "button", class: "link", "aria-label": `Revoke ${key.name}`, on: { click: () => revoke(key) } }, "Revoke"));
  const routes = key.routes.length ? h("ul", { class: "routes" }, key.routes.map((route) => h("li", {}, h("code", {}, route)))) : "All routes of the role";
  return [key.name, ROLE[key.role] ?? key.role, routes, key.last_used_at ? time(key.last_used_at) : "Never", time(key.expires_at), state];
}

async function create() {
  const key = await ask({
    title: "Create an API key",
    fields: [
      field("Name", { name: "name", required: true, autocomplete: "off", maxlength: 100 }, { hint: "What the key is for, such as “Nightly report”." }),
      field("Role", { name: "role", value: "support" }, { options: STAFF }),
      field("Expires after (days)", { name: "expires_in_days", type: "number", inputmode: "numeric", min: 1, max: 366, required: true, value: 90 }, { hint: "Up to 366 days." }),
      field("Routes", { tag: "textarea", name: "routes", rows: 3, spellcheck: "false", autocapitalize: "none" }, { hint: "One per line, such as GET /api/admin/users. Leave empty to allow every route of the role." }),
    ],
    confirm: "Create key",
    act: ({ name, role, expires_in_days, routes }) => {
      const lines = routes.split("\n").map((line) => line.trim()).filter(Boolean);
      return call("POST", ROUTE, { body: { name, role, expires_in_days: Number(expires_in_days), ...(lines.length ? { routes: lines } : {}) } });
    },
  });
  if (!key) return;
  const secret = one("[data-secret]");
  secret.hidden = false;
  const gone = h("button", { type: "button", class: "quiet", on: { click: () => { secret.replaceChildren(); secret.hidden = true; one("[data-add]").focus(); } } }, "I’ve stored the key");
  fill(secret, h("div", { class: "notice good" }, h("p", {}, h("strong", {}, `Key “${key.name}” created.`), " Store it now. You won’t see it again."), h("p", {}, copyable(key.api_key, "the key")), h("p", { class: "actions" }, gone)));
  secret.focus();
  refresh();
}

async function revoke(key) {
  const answer = await ask({
    title: `Revoke “${key.name}”?`,
    text: ["Programs that use this key lose access immediately. You can’t undo this."],
    confirm: "Revoke",
    danger: true,
    act: () => call("DELETE", `${ROUTE}/${encodeURIComponent(key.id)}`),
  });
  if (!answer) return;
  toast("Key revoked.");
  refresh();
}

await open(() => {
  one("[data-add]").addEventListener("click", create);
  return refresh();
}, { admin: true });

// Security settings. They are saved together, with the version they are based on, so that no change is overwritten.

import { call } from "./api.mjs";
import { ask, field } from "./dialog.mjs";
import { fill, h, one } from "./dom.mjs";
import { fail, load, open, toast } from "./frame.mjs";

/** Label, unit, limits and explanation of each setting. The service enforces the same limits. */
const SETTINGS = {
  max_failed_sign_ins: ["Failed sign-ins before lockout", "in a row", 1, 100, "Lock the account after this many. NIST allows up to 100."],
  lockout_minutes: ["Lockout duration", "minutes", 1, 1440, "Users can end a lockout at any time by choosing a new password by email."],
  link_lifetime_hours: ["Reset link expires after", "hours", 1, 24, "An expired link shows “Invalid Token”. NIST allows up to 24."],
  activation_lifetime_hours: ["Activation link expires after", "hours", 1, 168, "168 hours are a week."],
  min_password_length: ["Minimum password length", "characters", 8, 64, "NIST requires 15 if the password is the only factor."],
  emails_per_hour: ["Links to one address per hour", "links", 1, 60, "Prevents anyone from flooding an inbox."],
  emails_per_day: ["Links to one address per day", "links", 1, 100, "Prevents anyone from flooding an inbox."],
  links_per_minute: ["Site-wide links per minute", "links", 1, 60000, "Prevents an attacker with a list of addresses from using up the sending quota. Links sent by administrators don’t count."],
  failures_per_network: ["Failures per network", "in ten minutes", 1, 10000, "After this many invalid links, or 20 times as many wrong passwords, the network has to wait. This locks no accounts."],
  log_retention_days: ["Email log retention", "days", 1, 400, "Older entries are deleted. A diagnosis only sees what is in the log."],
  staff_idle_minutes: ["Staff sessions end after", "idle minutes", 5, 720, "Requests that the console makes by itself don't count as use. Applies to new sessions."],
};
const ROUTE = "/api/admin/security-settings";

const form = one("[data-settings]");
const failed = one("[data-problem]");
const discard = one("[data-undo]");
let saved = null;

function begin(settings) {
  failed.replaceChildren();
  saved = settings;
  fill(one("[data-fields]"), Object.entries(SETTINGS).map(([name, [label, unit, min, max, hint]]) =>
    field(`${label} (${unit})`, { name, type: "number", inputmode: "numeric", required: true, min, max, step: 1, value: settings[name] }, { hint: `${hint} Allowed: ${min} to ${max}.` })));
  form.hidden = false;
  compare();
}

const wanted = () => Object.fromEntries(Object.keys(SETTINGS).map((name) => [name, form.elements[name].valueAsNumber]));
const changes = () => Object.entries(wanted()).filter(([name, value]) => value !== saved[name]);

function compare() {
  const changed = changes().length > 0;
  one("button[type=submit]", form).disabled = !changed;
  discard.hidden = !changed;
}

form.addEventListener("input", compare);
discard.addEventListener("click", () => {
  begin(saved);
  form.querySelector("input").focus();
});
form.addEventListener("submit", async (event) => {
  event.preventDefault();
  if (!form.reportValidity() || !changes().length) return;
  failed.replaceChildren();
  const lines = changes().map(([name, value]) => h("li", {}, `${SETTINGS[name][0]}: `, h("del", {}, String(saved[name])), " → ", h("ins", {}, `${value} ${SETTINGS[name][1]}`)));
  let stale = null;
  const answer = await ask({
    title: "Save these settings?",
    fields: [h("ul", {}, lines)],
    confirm: "Save",
    act: async () => {
      try {
        return await call("PUT", ROUTE, { body: { version: saved.version, ...wanted() } });
      } catch (failure) {
        if (failure.code !== "stale-version") throw failure;
        stale = failure;
        return saved;
      }
    },
  });
  if (stale) return reconcile(stale);
  if (!answer) return;
  begin(answer);
  toast("Settings saved.");
});

/** Someone else saved first. Shows their settings, with the unsaved changes from this page on top. */
async function reconcile(stale) {
  const mine = changes();
  const before = saved;
  try {
    begin(await call("GET", ROUTE));
  } catch (failure) {
    return fail(failed, failure);
  }
  for (const [name, value] of mine) form.elements[name].value = value;
  compare();
  const theirs = Object.keys(SETTINGS).filter((name) => saved[name] !== before[name]).map((name) => SETTINGS[name][0]);
  fail(failed, stale, h("p", { class: "notice" }, theirs.length ? `They changed: ${theirs.join(", ")}. ` : "", "Your changes are still here. Review them and save again."));
}

await open(() => load(failed, () => call("GET", ROUTE), begin), { admin: true });

// Security settings: all of them are saved at once, with the version that they were made from.

import { call } from "./api.mjs";
import { ask, field } from "./dialog.mjs";
import { fill, h, one } from "./dom.mjs";
import { load, open, problem, toast } from "./frame.mjs";

/** What each setting is called, its unit, its bounds, and what it is for. The service holds to the same bounds. */
const SETTINGS = {
  max_failed_sign_ins: ["Wrong passwords before the lock", "in a row", 1, 100, "An account is locked after so many. NIST allows 100 at most."],
  lockout_minutes: ["Length of the lock", "minutes", 1, 1440, "Choosing a new password by email lifts the lock at any time."],
  link_lifetime_hours: ["Life of a reset link", "hours", 1, 24, "An older link answers “Invalid Token”. NIST allows 24 at most."],
  activation_lifetime_hours: ["Life of an activation link", "hours", 1, 168, "At most a week."],
  min_password_length: ["Shortest password", "characters", 8, 64, "NIST asks for 15 where the password is the only factor."],
  mails_per_hour: ["Links to one address in an hour", "emails", 1, 60, "So that nobody’s inbox can be flooded."],
  mails_per_day: ["Links to one address in a day", "emails", 1, 100, "So that nobody’s inbox can be flooded."],
  links_per_minute: ["Links to everybody in a minute", "emails", 1, 6000, "So that nobody who has a list of addresses can spend the sender’s quota. Links that an administrator sends are not counted."],
  failures_per_network: ["Failures of one network in ten minutes", "failures", 10, 10000, "Wrong passwords and invalid links; then the network waits. Nobody’s account is locked by it."],
  log_retention_days: ["The email log is kept for", "days", 1, 400, "Older emails are forgotten; a diagnosis knows no more than the log."],
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
    field(`${label} (${unit})`, { name, type: "number", inputmode: "numeric", required: true, min, max, step: 1, value: settings[name] }, { hint: `${hint} From ${min} to ${max}.` })));
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
  toast("The settings are saved.");
});

/** Somebody else saved first: their settings become the ground, and what was typed here stays to be reviewed again. */
async function reconcile(stale) {
  const mine = changes();
  const before = saved;
  try {
    begin(await call("GET", ROUTE));
  } catch (failure) {
    return fill(failed, problem(failure));
  }
  for (const [name, value] of mine) form.elements[name].value = value;
  compare();
  const theirs = Object.keys(SETTINGS).filter((name) => saved[name] !== before[name]).map((name) => SETTINGS[name][0]);
  fill(failed, problem(stale), h("p", { class: "notice" }, theirs.length ? `Changed meanwhile: ${theirs.join(", ")}. ` : "", "Your changes are still here. Review them, and save again."));
}

await open(() => load(failed, () => call("GET", ROUTE), begin), { admin: true });

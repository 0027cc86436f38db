// The signed-in person's own account: second factor, password and sessions.

import { call } from "./api.mjs";
import { ask, field } from "./dialog.mjs";
import { badge, copyable, fill, h, one, table } from "./dom.mjs";
import { fail, load, open, session, toast } from "./frame.mjs";
import { qrCode } from "./qr.mjs";
import { time } from "./times.mjs";

const factor = one("[data-factor]");
const sessions = one("[data-sessions]");
let state = "not_set_up";

function showFactor() {
  const isSetUp = state === "set_up";
  const failed = h("div", { hidden: true });
  const text = isSetUp
    ? [badge("On", "good"), " Signing in needs a code from your authenticator app. If you lose your device and your recovery codes, another administrator can remove it."]
    : [badge("Off", "mute"), " Someone who learns your password can sign in. An authenticator app on your phone prevents that."];
  const button = h("button", { type: "button", class: isSetUp ? "quiet" : "", on: { click: () => setUp(failed) } }, isSetUp ? "Set up another device" : "Set up");
  fill(factor, h("p", {}, text), failed, h("div", { class: "actions" }, button));
  const required = one("[data-required]");
  required.hidden = state !== "required";
  fill(required, h("div", { class: "notice" }, h("p", {}, h("strong", {}, "Staff need a second factor here."), " Set one up to use the console.")));
}

async function setUp(failed) {
  let begun;
  try {
    begun = await call("POST", "/api/second-factor", { body: {} });
  } catch (failure) {
    return fail(failed, failure);
  }
  const image = qrCode(begun.otpauth_uri, "QR code for your authenticator app");
  const answer = await ask({
    title: "Set up your authenticator app",
    text: [image ? "Scan the code with the app, or type in the key." : "Type the key into the app."],
    fields: [
      image && h("p", {}, image),
      h("p", {}, copyable(begun.secret, "the key")),
      field("Code", { name: "one_time_code", inputmode: "numeric", autocomplete: "one-time-code", required: true, maxlength: 8 }, { hint: "The six digits that the app shows." }),
    ].filter(Boolean),
    confirm: "Turn on",
    act: ({ one_time_code }) => call("POST", "/api/second-factor/confirm", { body: { one_time_code } }),
  });
  if (!answer) return;
  // A later confirmation in this session asks for a code, not for the password.
  state = session.second_factor = "set_up";
  showFactor();
  showCodes(answer.recovery_codes);
}

/** Recovery codes are shown once. */
function showCodes(codes) {
  const place = one("[data-codes]");
  const stored = h("button", { type: "button", class: "quiet", on: { click: () => { place.replaceChildren(); place.hidden = true; } } }, "I’ve stored the codes");
  const copy = h("button", { type: "button", class: "quiet", on: { click: () => copyAll(codes) } }, "Copy all codes");
  fill(place, h("div", { class: "notice good" },
    h("p", {}, h("strong", {}, "Second factor on. Store these recovery codes now."), " Each works once in place of a code. You won’t see them again."),
    h("ul", { class: "codes" }, codes.map((code) => h("li", {}, h("code", {}, code)))),
    h("p", { class: "actions" }, copy, stored)));
  place.hidden = false;
  place.focus();
}

async function copyAll(codes) {
  try {
    await navigator.clipboard.writeText(codes.join("\n"));
    toast("Copied.");
  } catch {
    toast("Your browser doesn’t allow copying. Select the codes instead.");
  }
}

async function changePassword() {
  const password = (label, name, autocomplete, hint) => field(label, { name, type: "password", required: true, autocomplete }, hint && { hint });
  const answer = await ask({
    title: "Change your password",
    fields: [
      password("Current password", "current_password", "current-password"),
      password("New password", "new_password", "new-password", "A few unrelated words work well."),
    ],
    confirm: "Change password",
    act: (values) => call("POST", "/api/change-password", { body: values }),
  });
  if (!answer) return;
  toast("Password changed. Your other sessions have ended.");
  refresh();
}

function refresh() {
  return load(sessions, () => call("GET", "/api/sessions"), ({ sessions: found }) => {
    const others = found.some((row) => !row.is_current);
    fill(sessions,
      table("Sessions", ["Browser", "Address", "Signed in", "Last used", "Ends", "Action"], found.map(row)),
      others && h("div", { class: "actions" }, h("button", { type: "button", class: "quiet", on: { click: endOthers } }, "End all other sessions")));
  });
}

/** The header also contains the names of other browsers, so the order counts. */
const BROWSERS = [["EdgiOS/", "Edge"], ["EdgA/", "Edge"], ["CriOS/", "Chrome"], ["FxiOS/", "Firefox"], ["Edg/", "Edge"], ["OPR/", "Opera"], ["Firefox/", "Firefox"], ["Chrome/", "Chrome"], ["Safari/", "Safari"]];
const SYSTEMS = [["Android", "Android"], ["iPhone", "iPhone"], ["iPad", "iPad"], ["Windows", "Windows"], ["Mac OS", "macOS"], ["Linux", "Linux"]];

/** A browser by its common name, or its whole User-Agent header if that isn't known. */
function browserOf(agent) {
  const [browser, system] = [BROWSERS, SYSTEMS].map((known) => known.find(([mark]) => agent.includes(mark))?.[1]);
  return browser && system ? `${browser} on ${system}` : agent;
}

function row(found) {
  const end = h("button", { type: "button", class: "link", "aria-label": `End the session from ${found.ip ?? "an unknown address"}`, on: { click: () => endOne(found) } }, "End");
  return [found.user_agent ? browserOf(found.user_agent) : "Unknown", found.ip ?? "Unknown", time(found.created_at), time(found.last_used_at), time(found.expires_at), found.is_current ? badge("This session", "good") : end];
}

async function endOne(found) {
  const act = () => call("DELETE", `/api/sessions/${encodeURIComponent(found.id)}`);
  if (!(await ask({ title: "End this session?", text: ["The browser has to sign in again."], confirm: "End session", act }))) return;
  toast("Session ended.");
  refresh();
}

async function endOthers() {
  const act = () => call("DELETE", "/api/sessions");
  if (!(await ask({ title: "End all other sessions?", text: ["Only this session stays signed in."], confirm: "End sessions", act }))) return;
  toast("All other sessions have ended.");
  refresh();
}

await open(() => {
  state = session.second_factor;
  showFactor();
  one("[data-password]").addEventListener("click", changePassword);
  if (state === "required") return fill(sessions, h("p", { class: "hint" }, "Set up a second factor first."));
  return refresh();
}, { withoutFactor: true });

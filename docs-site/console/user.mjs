// A user's page: actions at the top, then the diagnosis of missing emails.

import { confirmDeactivation } from "./actions.mjs";
import { checkAddress } from "./address-check.mjs";
import { Failure, call, optimistically } from "./api.mjs";
import { ask, field } from "./dialog.mjs";
import { announce, showDiagnosis } from "./diagnosis-view.mjs";
import { badge, copyable, empty, facts, fill, h, one } from "./dom.mjs";
import { fail, hasMembers, isAdmin, load, may, me, open, toast } from "./frame.mjs";
import { showEmails } from "./email-list.mjs";
import { time } from "./times.mjs";
import { LANGUAGE, ROLE, STAFF, SUPPRESSION, USER_STATUS, hostSaid, plain } from "./words.mjs";

const id = new URLSearchParams(location.search).get("id") ?? "";
const path = `/api/admin/users/${encodeURIComponent(id)}`;
const place = one("[data-record]");
const done = one("[data-done]");
let user = null;
let refreshDiagnosis = null;

function refreshRecord() {
  return load(place, () => call("GET", path), showRecord);
}

function showRecord(got) {
  user = got;
  document.title = `${user.display_name || user.email} · ${document.title.replace(/^.* · (?=Console · )/, "")}`;
  place.replaceChildren();
  one("[data-name]").textContent = user.display_name || user.email;
  fill(one("[data-under]"), subtitle());
  one("[data-former]").hidden = hasMembers() || user.role !== "member";
  fill(one("[data-actions]"), buttons());
  fill(one("[data-details]"), details());
  fill(one("[data-access]"), access());
}

const refreshEmails = () =>
  showEmails(one("[data-emails]"), { recipient: user.email }, { withRecipient: false, openFirst: true, limit: 10, none: empty("No emails to this address, sent or skipped.") });

/** Refreshes everything except the diagnosis, which refreshes itself. */
async function refreshRest() {
  await refreshRecord();
  refreshEmails();
}

/** The line below the name: the address, and everything unusual about the account. */
function subtitle() {
  const [status, tone] = USER_STATUS[user.status] ?? [plain(user.status), "mute"];
  const suppressed = user.suppression && (SUPPRESSION[user.suppression.reason]?.[0] ?? plain(user.suppression.reason));
  return [
    h("p", { class: "under" }, copyable(user.email, "the address")),
    h("p", { class: "badges" },
      badge(status, tone),
      user.role !== "member" && badge(ROLE[user.role] ?? user.role, "info"),
      isLocked() && badge("Locked", "bad"),
      suppressed && h("a", { class: "badge bad", href: `/admin/suppressions/?address=${encodeURIComponent(user.email)}` }, `Suppressed: ${suppressed}`)),
  ];
}

const isLocked = () => user.recovery_required || (Boolean(user.locked_until) && Date.parse(user.locked_until) > Date.now());

/** The actions that the user's state and the signed-in role allow. */
function buttons() {
  const inactive = user.status === "inactive";
  const pending = user.status === "pending";
  const suppressed = Boolean(user.suppression);
  return [
    // Nothing is sent to a suppressed address: the diagnosis says what to do instead.
    may("send_link", user) && !inactive && !pending && !suppressed && button("Reset Password", "", () => post("reset-password", "A link to set a new password is on its way.")),
    may("send_link", user) && pending && !suppressed && button("Resend activation", "", () => post("resend-activation", "A new activation link is on its way.")),
    may("unlock", user) && isLocked() && button("Unlock", "", unlock),
    may("change_status", user) && inactive && button("Activate", "", () => setStatus("active")),
    may("change_status", user) && !inactive && button("Deactivate", "quiet", deactivate),
    may("edit", user) && button("Edit", "quiet", edit),
    isAdmin() && button("Export data", "quiet", exportData),
    may("erase", user) && button("Erase", "quiet", erase),
  ];
}

/** Actions for a password, a session or a device in the wrong hands. */
function access() {
  const name = user.display_name || user.email;
  return [
    may("require_new_password", user) && user.status === "active" && button("Require a new password", "quiet", () => confirmed({
      title: `Require a new password of ${name}?`,
      text: ["The password, all sessions and the API keys of this user stop working now. A link to choose a new password is sent."],
      confirm: "Require a new password",
      act: () => call("POST", `${path}/require-new-password`, { body: {} }),
    }, ({ email_id }) => announce(done, "The password no longer works. A link to choose a new one is on its way.", email_id, refreshAll))),
    may("end_sessions", user) && button("End all sessions", "quiet", () => confirmed({
      title: `End all sessions of ${name}?`,
      text: ["The user is signed out everywhere. The password still works."],
      confirm: "End all sessions",
      act: () => call("DELETE", `${path}/sessions`),
    }, () => announce(done, "All sessions are ended."))),
    may("remove_second_factor", user) && user.role !== "member" && button("Remove second factor", "quiet", () => confirmed({
      title: `Remove the second factor of ${name}?`,
      text: ["Do this if the device is lost. The user signs in with the password alone and gets an email about it."],
      confirm: "Remove second factor",
      act: () => call("DELETE", `${path}/second-factor`),
    }, () => announce(done, "The second factor is removed."))),
  ];
}

/** Asks, acts, and then shows the user's record and what was done. */
async function confirmed(question, tell) {
  const answer = await ask({ ...question, danger: true });
  if (!answer) return;
  refreshAll();
  tell(answer);
}

function button(label, style, act) {
  const button = h("button", { type: "button", class: style }, label);
  button.addEventListener("click", async () => {
    button.disabled = true;
    try {
      await act();
    } catch (failure) {
      fail(done, failure);
    } finally {
      button.disabled = false;
      // A disabled button loses the focus, and a dialog can't give it back.
      if (document.activeElement === document.body) button.focus();
    }
  });
  return button;
}

async function post(route, message) {
  const { email_id } = await call("POST", `${path}/${route}`, { body: {} });
  refreshAll();
  announce(done, message, email_id, refreshAll);
}

function refreshAll() {
  refreshRest();
  refreshDiagnosis?.();
}

async function unlock() {
  const locked = user;
  const name = user.display_name || user.email;
  await optimistically({
    show: () => {
      showRecord({ ...locked, locked_until: undefined, recovery_required: undefined });
      announce(done, `Unlocking ${name}…`);
    },
    act: () => call("POST", `${path}/unlock`, { body: {} }),
    rollBack: () => showRecord(locked),
  });
  await refreshRest();
  refreshDiagnosis?.();
  announce(done, afterUnlock(name));
}

/** Whether the user can sign in now: a lock isn't the only thing that prevents it. */
function afterUnlock(name) {
  if (user.status === "inactive") return `Unlocked. ${name} still can’t sign in, because the account is inactive. Activate it first.`;
  if (user.status === "pending") return `Unlocked. ${name} still can’t sign in, because the account isn’t activated. Resend the activation.`;
  if (isLocked()) return `Unlocked, but failed sign-ins continue, and the account is locked again.`;
  return `${name} can sign in again.`;
}

async function setStatus(status) {
  user = await call("PATCH", path, { body: { status } });
  refreshAll();
  if (user.status === "pending") return announce(done, "The account is pending. It becomes active when the user chooses a password. Resend the activation.");
  announce(done, user.status === "active" ? "The account is active again. No email was sent. Send a link if the user needs one." : "The account is inactive.");
}

async function deactivate() {
  const answer = await ask({ ...confirmDeactivation(user.display_name || user.email), act: () => call("PATCH", path, { body: { status: "inactive" } }) });
  if (!answer) return;
  refreshAll();
  announce(done, "The account is inactive.");
  done.firstElementChild.append(h("p", {}, button("Undo", "quiet", () => setStatus("active"))));
}

async function edit() {
  const mayChangeRole = user.id !== me.id;
  const answer = await ask({
    title: "Edit user",
    text: ["Changing the address cancels all links and notifies the old address."],
    fields: [
      field("Email address", { name: "email", type: "email", required: true, value: user.email, autocomplete: "off", autocapitalize: "none", spellcheck: "false" }),
      field("Name", { name: "display_name", required: true, value: user.display_name, autocomplete: "off", maxlength: 200 }),
      mayChangeRole && field("Role", { name: "role", value: user.role }, { options: hasMembers() ? ROLE : STAFF }),
      field("Language", { name: "locale", value: user.locale }, { options: LANGUAGE }),
    ].filter(Boolean),
    confirm: "Save",
    act: (values) => {
      const changed = Object.fromEntries(Object.entries(values).filter(([name, value]) => value !== user[name]));
      return Object.keys(changed).length ? call("PATCH", path, { body: changed }) : user;
    },
  });
  if (!answer || answer === user) return;
  const addressChanged = answer.email !== user.email;
  if (addressChanged) await checkAddress(answer);
  toast("User saved.");
  if (addressChanged) location.reload();
  else refreshAll();
}

/** Downloads everything that is stored about the person. */
async function exportData() {
  const data = await call("POST", "/api/admin/exports", { body: { user_id: user.id } });
  const url = URL.createObjectURL(new Blob([JSON.stringify(data, null, 2)], { type: "application/json" }));
  h("a", { href: url, download: `${user.id}.json` }).click();
  setTimeout(() => URL.revokeObjectURL(url), 60_000);
  toast(data.not_read_to_the_end.length ? `Exported. Not read to the end: ${data.not_read_to_the_end.join(", ")}.` : "Exported everything that is stored about this person.");
}

async function erase() {
  const erased = user;
  const answer = await ask({
    title: `Erase ${erased.display_name || erased.email}?`,
    text: [
      "This deletes the account and everything that is stored about the person. It can’t be undone.",
      h("span", {}, "To confirm, enter the address ", h("strong", {}, erased.email), "."),
    ],
    fields: [field("Email address", { name: "email", type: "email", required: true, autocomplete: "off", autocapitalize: "none", spellcheck: "false" })],
    confirm: "Erase",
    danger: true,
    act: ({ email }) => {
      if (email.trim().toLowerCase() !== erased.email.toLowerCase()) throw new Failure({ status: 0, title: "This isn’t the user’s address", detail: "Enter the address exactly as shown." });
      return call("POST", "/api/admin/erasures", { body: { user_id: erased.id } });
    },
  });
  if (!answer) return;
  for (const section of document.querySelectorAll("[data-view] > section")) section.hidden = true;
  fill(one("[data-actions]"), []);
  announce(done, "The erasure is running. The account is deleted first. The rest can take some minutes.");
}

function details() {
  return facts([
    ["User ID", copyable(user.id, "the user ID")],
    ["External ID", user.external_id && copyable(user.external_id, "the external ID")],
    ["Role", ROLE[user.role] ?? user.role],
    ["Language", LANGUAGE[user.locale] ?? user.locale],
    ["Created", time(user.created_at, { exact: true })],
    ["Last sign-in", user.last_sign_in_at ? time(user.last_sign_in_at, { exact: true }) : "Never"],
    ["Locked until", isLocked() && (user.recovery_required ? "The user sets a new password, or you unlock the account" : time(user.locked_until, { exact: true }))],
    ["Suppressed since", user.suppression && h("span", {}, time(user.suppression.since, { exact: true }), user.suppression.detail && h("span", { class: "said" }, hostSaid(user.suppression.detail)))],
    ["Audit log", isAdmin() && h("span", {},
      h("a", { href: `/admin/audit-log/?target=${encodeURIComponent(`user:${user.id}`)}` }, "Account history"),
      user.role !== "member" && h("span", {}, " · ", h("a", { href: `/admin/audit-log/?actor=${encodeURIComponent(user.id)}` }, "Actions by this user")))],
  ]);
}

await open(async () => {
  const sections = [...document.querySelectorAll("[data-view] > section")];
  sections.forEach((section) => (section.hidden = true));
  await refreshRecord();
  if (!user) return;
  sections.forEach((section) => (section.hidden = false));
  refreshDiagnosis = showDiagnosis({ place: one("[data-diagnosis]"), done, email: user.email, changed: refreshRest });
  refreshEmails();
});

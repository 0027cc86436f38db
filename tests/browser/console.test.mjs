// The admin console, as administrators and support staff use it.

import assert from "node:assert/strict";
import { test } from "node:test";
import { PHONE, assertFits, check, openPage } from "./support/browser.js";
import { ADMIN, SUPPORT, adminApi, makeSupport, openAs, settled, signIn, userOf } from "./support/console.js";
import { eventually } from "./support/mailkey.js";
import { start } from "./support/start.js";

const { mailkey, browser } = await start();
const api = await adminApi(mailkey);
await makeSupport(mailkey, api);

/** Counts all later clicks with the mouse. */
async function countClicks(page) {
  const clicks = [];
  await page.exposeFunction("countClick", (name) => clicks.push(name));
  await page.addInitScript(() => {
    addEventListener("click", (event) => event.isTrusted && event.detail > 0 && countClick(event.target.closest("a, button, summary")?.textContent.trim() ?? "no control"), true);
  });
  return clicks;
}

/** "A user says they never got the email": what the console finds, and the button that fixes it. */
const STORIES = [
  { whom: "Alice Active", email: "alice@example.com", cause: "never_asked", evidence: /./, fix: "Send a new link" },
  {
    whom: "Alice Active",
    email: "alice@example.com",
    prepare: () => api("PUT", "/api/admin/suppressions/alice@example.com", { reason: "Asked us to stop" }),
    cause: "suppressed_here",
    evidence: /Asked us to stop/,
    fix: "Remove and resend",
  },
];

for (const { whom, email, prepare, cause, evidence, fix } of STORIES) {
  test(`an administrator fixes a missing email with three clicks: ${cause}`, async (t) => {
    await prepare?.();
    const page = await openPage(t, browser, mailkey);
    const clicks = await countClicks(page);
    await openAs(page, mailkey, "/admin/");
    const before = (await mailkey.outbox(email)).length;

    // The field already has the focus.
    await page.waitForFunction(() => document.activeElement?.id === "user-query");
    await page.keyboard.type(whom.split(" ")[0]);
    await page.getByRole("link", { name: whom }).click();
    await page.getByRole("heading", { level: 1, name: whom }).waitFor();
    const finding = page.locator(`[data-cause="${cause}"]`);
    await finding.getByText(evidence).first().waitFor();
    await check(page, `console-story-${cause}-1-finding`);

    await finding.getByRole("button", { name: fix }).click();
    const done = page.locator("[data-done]");
    await done.getByText(/on its way/).waitFor();
    const mail = await eventually("the new email", async () => {
      const emails = await mailkey.outbox(email);
      return emails.length > before && emails[0];
    });
    assert.ok(mail.links.some((link) => link.includes("#token=")), "the email has a link");
    await done.getByText("Delivered").waitFor();
    await settled(page);
    await finding.waitFor({ state: "detached" });
    await check(page, `console-story-${cause}-2-delivered`);
    await eventually("the clicks are counted", () => clicks.includes(fix));
    t.diagnostic(`${cause}: ${clicks.length} clicks from signing in to the delivered email: ${clicks.join(" → ")}`);
    assert.equal(clicks.length, 3, `${clicks}`);
  });
}

test("an address that looks mistyped is shown with its correction as soon as it is entered", async (t) => {
  const page = await openPage(t, browser, mailkey);
  await openAs(page, mailkey, "/admin/users/");
  await page.getByRole("button", { name: "Add user" }).click();
  const add = page.getByRole("dialog", { name: "Add a user" });
  await add.getByLabel("Email address").fill("rita@gmial.com");
  await add.getByLabel("Name").fill("Rita Typo");
  await add.getByRole("button", { name: "Add user and send link" }).click();
  const offer = page.getByRole("dialog", { name: "Check the address" });
  await offer.getByText("Did you mean rita@gmail.com?").waitFor();
  assert.equal(await offer.getByLabel("Email address").inputValue(), "rita@gmail.com");
  assert.ok(await offer.evaluate((dialog) => dialog.contains(document.activeElement)), "the dialog has the focus");
  assert.match(await offer.evaluate((dialog) => document.getElementById(dialog.getAttribute("aria-describedby")).textContent), /gmial/);
  await check(page, "console-check-address");
  await offer.getByRole("button", { name: "Change address" }).click();
  await page.getByRole("heading", { level: 1, name: "Rita Typo" }).waitFor();
  await page.getByText("rita@gmail.com").first().waitFor();
  await eventually("the new address gets the link", async () => (await mailkey.outbox("rita@gmail.com")).length > 0);
});

test("after a changed address, the diagnosis continues with the new one and offers the new link", async (t) => {
  const page = await openPage(t, browser, mailkey);
  await openAs(page, mailkey, "/admin/diagnosis/?email=gwen%40gmial.com");
  const typo = page.locator('[data-cause="typo_in_domain"]');
  await check(page, "console-typo");
  await typo.getByRole("button", { name: "Change the address to gwen@gmail.com" }).click();
  await page.getByRole("dialog", { name: "Change the address?" }).getByRole("button", { name: "Change address" }).click();
  await page.locator("[data-done]").getByText("Address changed.").waitFor();
  await page.locator(".notice.good").getByText("No problem found.").waitFor();
  assert.equal(new URL(page.url()).searchParams.get("email"), "gwen@gmail.com");
  await check(page, "console-healthy");
  await page.getByRole("button", { name: "Send a new link" }).click();
  await page.locator("[data-done]").getByText("Delivered").waitFor();

  await page.goto(`${mailkey.url}/admin/user/?id=${(await userOf(api, "sam@example.com")).id}`);
  const dead = page.locator('[data-cause="mailbox_does_not_exist"]');
  await dead.getByText(/550 5\.1\.1/).waitFor();
  assert.equal(await page.getByRole("button", { name: /Remove and resend|Reset Password/ }).count(), 0, "nothing is sent to a dead mailbox");
  await dead.getByRole("button", { name: "Change the address" }).click();
  const dialog = page.getByRole("dialog", { name: "Change the address" });
  await dialog.getByLabel("New email address").fill("samantha@example.com");
  await dialog.getByRole("button", { name: "Change address" }).click();
  await page.locator('[data-cause="never_asked"]').waitFor();
  await page.locator("[data-under]").getByText("samantha@example.com").waitFor();
});

test("support staff who may not act get a note for an administrator", async (t) => {
  const page = await openPage(t, browser, mailkey);
  await openAs(page, mailkey, `/admin/user/?id=${(await userOf(api, "ivan@example.com")).id}`, SUPPORT);
  const finding = page.locator('[data-cause="user_inactive"][data-severity="blocking"]');
  await finding.getByText("Ask an administrator.").waitFor();
  assert.equal(await page.locator("[data-fix]").count(), 0);
  await finding.getByText("A note for them").click();
  await finding.getByText("Please do this: Activate.").waitFor();
  await check(page, "console-note");
});

/** Texts that servers have sent, or might. */
const HOSTILE = [
  "550 try again at 2026-99-99T99:99:99Z",
  "550 \u202eevil\u2066 direction",
  `550 <img src=x onerror=alert(1)>"'&`,
  "x".repeat(290),
];

for (const [number, said] of HOSTILE.entries()) {
  test(`a hostile reply is shown as text: ${said.slice(0, 40)}`, async (t) => {
    const email = `hostile${number}@example.com`;
    await api("PUT", `/api/admin/suppressions/${email}`, { reason: said });
    const page = await openPage(t, browser, mailkey, { viewport: PHONE });
    await openAs(page, mailkey, `/admin/diagnosis/?email=${encodeURIComponent(email)}`);
    await page.locator('[data-cause="suppressed_here"]').getByText(said).first().waitFor();
    assert.equal(await page.locator("main img").count(), 0);
    await assertFits(page, said.slice(0, 40));
    await page.goto(`${mailkey.url}/admin/suppressions/?address=${encodeURIComponent(email)}`);
    await page.getByText(said).first().waitFor();
  });
}

test("an account can be unlocked while the email log is down", async (t) => {
  await mailkey.lock("lena@example.com");
  const page = await openPage(t, browser, mailkey);
  page.removeAllListeners("console");
  await openAs(page, mailkey, `/admin/user/?id=${(await userOf(api, "lena@example.com")).id}`);
  await mailkey.ask("PUT", "/_local/dynamodb-faults", { mode: "fail", table: "EmailLog" });
  t.after(() => mailkey.ask("PUT", "/_local/dynamodb-faults", { mode: "none" }));
  await page.reload();
  await page.getByRole("heading", { level: 1, name: "Lena Locked" }).waitFor();
  await page.locator("[data-emails]").getByRole("alert").waitFor();
  await page.locator("[data-actions]").getByRole("button", { name: "Unlock" }).click();
  await page.getByText("can sign in again").waitFor();
});

test("an inactive user can be activated from the finding, and deactivating asks for confirmation", async (t) => {
  const page = await openPage(t, browser, mailkey);
  const { id } = await userOf(api, "ivan@example.com");
  await openAs(page, mailkey, `/admin/user/?id=${id}`);
  assert.equal(await page.getByRole("button", { name: "Reset Password" }).count(), 0, "an inactive user can't be sent a link");
  await page.locator('[data-cause="user_inactive"]').getByRole("button", { name: "Activate" }).click();
  await page.locator("[data-done]").getByText("The account is active again.").waitFor();
  await page.getByRole("button", { name: "Deactivate" }).waitFor();
  assert.equal((await api("GET", `/api/admin/users/${id}`)).status, "active");

  await page.getByRole("button", { name: "Deactivate" }).click();
  const dialog = page.getByRole("dialog", { name: "Deactivate Ivan Inactive?" });
  await dialog.waitFor();
  await check(page, "console-deactivate");
  await page.keyboard.press("Enter");
  await dialog.waitFor({ state: "detached" });
  assert.equal((await api("GET", `/api/admin/users/${id}`)).status, "active", "Enter cancels");

  await page.getByRole("button", { name: "Deactivate" }).click();
  await dialog.getByRole("button", { name: "Deactivate" }).click();
  await page.getByRole("button", { name: "Undo" }).click();
  await page.getByText("The account is active again.").waitFor();
  assert.equal((await api("GET", `/api/admin/users/${id}`)).status, "active");
});

test("a locked user can be unlocked at the top of the record", async (t) => {
  await mailkey.lock("lena@example.com");
  const page = await openPage(t, browser, mailkey);
  const { id } = await userOf(api, "lena@example.com");
  await openAs(page, mailkey, `/admin/user/?id=${id}`);
  await page.locator("[data-actions]").getByRole("button", { name: "Unlock" }).click();
  await page.getByText("can sign in again").waitFor();
  assert.equal((await api("GET", `/api/admin/users/${id}`)).locked_until, undefined);
  await page.locator("[data-actions]").getByRole("button", { name: "Unlock" }).waitFor({ state: "detached" });
});

test("the activation email can be resent to a pending user", async (t) => {
  const page = await openPage(t, browser, mailkey);
  await openAs(page, mailkey, `/admin/user/?id=${(await userOf(api, "petra@example.com")).id}`);
  const before = (await mailkey.outbox("petra@example.com")).length;
  await page.locator("[data-actions]").getByRole("button", { name: "Resend activation" }).click();
  await eventually("the email", async () => (await mailkey.outbox("petra@example.com")).length > before);
  await page.locator("[data-done]").getByText("Delivered").waitFor();
});

test("a user's email language can be changed on the record", async (t) => {
  const page = await openPage(t, browser, mailkey);
  const { id } = await api("POST", "/api/admin/users", { email: "lea@example.org", display_name: "Lea Langue" });
  await openAs(page, mailkey, `/admin/user/?id=${id}`);
  await page.getByRole("button", { name: "Edit" }).click();
  const dialog = page.getByRole("dialog", { name: "Edit user" });
  assert.equal(await dialog.getByLabel("Language").inputValue(), "en");
  await dialog.getByLabel("Language").selectOption("French");
  await check(page, "console-edit");
  await dialog.getByRole("button", { name: "Save" }).click();
  await page.locator("[data-details]").getByText("French").waitFor();
  const { locale, email, display_name } = await api("GET", `/api/admin/users/${id}`);
  assert.deepEqual({ locale, email, display_name }, { locale: "fr", email: "lea@example.org", display_name: "Lea Langue" });
});

test("a missing email can be fixed with the keyboard alone", async (t) => {
  const page = await openPage(t, browser, mailkey, { viewport: PHONE });
  const address = "kay@example.org";
  await api("POST", "/api/admin/users", { email: address, display_name: "Kay Board" });
  await eventually("the first email", async () => (await mailkey.outbox(address)).length === 1);
  await openAs(page, mailkey, "/admin/users/");
  await page.locator("[data-user]").first().waitFor();
  await page.locator("h1").click();
  await page.keyboard.press("/");
  await page.keyboard.type("kay boa");
  await page.waitForURL(/\?query=kay%20boa$/);
  await settled(page);
  await page.getByText("1 user found").waitFor();
  await page.keyboard.press("ArrowDown");
  assert.match(await page.evaluate(() => document.activeElement.textContent), /Kay Board/);
  await page.keyboard.press("Escape");
  assert.equal(await page.evaluate(() => document.activeElement.id), "user-query");
  await page.keyboard.press("Enter");
  await page.waitForURL(/\/admin\/user\/\?id=/);
  const resend = page.locator("[data-actions]").getByRole("button", { name: "Resend activation" });
  await resend.waitFor();
  for (let presses = 0; !(await resend.evaluate((button) => document.activeElement === button)); presses++) {
    assert.ok(presses < 60, "the action can be reached with Tab");
    await page.keyboard.press("Tab");
  }
  await page.keyboard.press("Enter");
  await eventually("the email", async () => (await mailkey.outbox(address)).length === 2);
  assert.equal(await page.evaluate(() => document.activeElement.hasAttribute("data-done")), true, "the focus moves to the confirmation");

  await page.goBack();
  await page.getByText("1 user found").waitFor();
  assert.equal(await page.getByLabel("Name or email address").inputValue(), "kay boa", "going back restores the search");
});

test("filters are part of the URL, and the back button undoes them", async (t) => {
  const page = await openPage(t, browser, mailkey);
  await openAs(page, mailkey, "/admin/email-log/");
  await page.getByLabel("Kind").selectOption("activation");
  await page.waitForURL("**/admin/email-log/?kind=activation");
  await settled(page);
  assert.equal(await page.locator(".mail-kind").filter({ hasNotText: "Activation" }).count(), 0);
  assert.match(await page.getByRole("link", { name: "Export as CSV" }).getAttribute("href"), /export\?kind=activation$/);
  await page.getByLabel("Recipient").fill("nobody@example.com");
  await page.keyboard.press("Enter");
  await page.getByText("No emails match these filters.").waitFor();
  await page.goBack();
  await page.locator(".mail").first().waitFor();
  assert.equal(await page.getByLabel("Recipient").inputValue(), "");
  await page.goBack();
  await page.waitForURL("**/admin/email-log/");
  await settled(page);

  await page.locator(".mail summary").first().click();
  await page.getByRole("list", { name: "Timeline" }).first().waitFor();
  await page.getByRole("link", { name: "Link to this email" }).click();
  await page.waitForURL("**/admin/email/?id=*");
  await page.getByRole("list", { name: "Timeline" }).waitFor();
});

test("support staff see only what they are allowed to do", async (t) => {
  const page = await openPage(t, browser, mailkey);
  await openAs(page, mailkey, `/admin/user/?id=${(await userOf(api, "alice@example.com")).id}`, SUPPORT);
  await page.getByRole("button", { name: "Reset Password" }).waitFor();
  for (const name of ["Deactivate", "Edit"]) assert.equal(await page.getByRole("button", { name }).count(), 0, name);
  for (const name of ["Security settings", "Audit log", "API keys"]) {
    assert.equal(await page.getByRole("link", { name }).count(), 0, name);
  }
  await page.goto(`${mailkey.url}/admin/user/?id=${(await userOf(api, ADMIN.email)).id}`);
  await page.getByRole("heading", { level: 1, name: "Administrator" }).waitFor();
  await settled(page);
  assert.equal(await page.locator("[data-actions] button, [data-fix]").count(), 0, "no one can act on a higher role");
  await page.goto(`${mailkey.url}/admin/audit-log/`);
  await page.getByRole("heading", { name: "This page is for administrators" }).waitFor();
  await page.goto(`${mailkey.url}/admin/suppressions/`);
  await settled(page);
  assert.equal(await page.getByRole("button", { name: /Remove|Suppress/ }).count(), 0);
});

test("a member can't use the console", async (t) => {
  const page = await openPage(t, browser, mailkey);
  await page.goto(`${mailkey.url}/admin/users/`);
  await page.waitForURL(/\/sign-in\//);
  await signIn(page, { email: "gwen@gmail.com", password: "violet canoe under nine bridges" });
  await page.getByRole("heading", { name: "You’re signed in" }).waitFor();
  assert.equal(await page.getByRole("link", { name: "Open the console" }).count(), 0);
  await page.goto(`${mailkey.url}/admin/users/`);
  await page.getByRole("heading", { name: "This page is for administrators" }).waitFor();
  assert.equal(await page.getByRole("navigation", { name: "Console" }).count(), 0);
});

test("a sign-in never leads to another site", async (t) => {
  const page = await openPage(t, browser, mailkey);
  await page.goto(`${mailkey.url}/`);
  for (const evil of ["//evil.test/admin/", "https://evil.test/", "javascript:alert(1)", "/\\evil.test/admin/", "/api/sign-out"]) {
    await page.evaluate((path) => sessionStorage.setItem("console-return", path), evil);
    await page.goto(`${mailkey.url}/sign-in/?return=${encodeURIComponent(evil)}`);
    await page.getByLabel("Email address").waitFor();
  }
  await page.goto(`${mailkey.url}/sign-in/?return=console`);
  await signIn(page, ADMIN);
  await page.waitForURL(`${mailkey.url}/admin/`);
  await settled(page);
});

test("settings are saved after a review, and a newer version isn't overwritten", async (t) => {
  const page = await openPage(t, browser, mailkey);
  await openAs(page, mailkey, "/admin/security-settings/");
  const minutes = page.getByLabel(/Lockout duration/);
  const before = await api("GET", "/api/admin/security-settings");
  await minutes.fill(String(before.lockout_minutes + 1));
  await api("PUT", "/api/admin/security-settings", { ...before, emails_per_day: before.emails_per_day + 1 });
  await page.getByRole("button", { name: "Review and save" }).click();
  await check(page, "console-settings-review");
  await page.getByRole("dialog").getByRole("button", { name: "Save" }).click();
  await page.getByText("They changed: Links to one address per day.").waitFor();
  assert.equal(await page.evaluate(() => document.activeElement.matches('[role="alert"]')), true, "the conflict has the focus");
  const { top } = await page.locator("[data-problem]").getByRole("alert").evaluate((notice) => notice.getBoundingClientRect().toJSON());
  assert.ok(top >= 0 && top < page.viewportSize().height, `the conflict is visible: ${top}`);
  await check(page, "console-settings-stale");
  assert.equal(await minutes.inputValue(), String(before.lockout_minutes + 1), "the input is kept");
  await page.getByRole("button", { name: "Review and save" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Save" }).click();
  await page.getByText("Settings saved.").waitFor();
  const saved = await api("GET", "/api/admin/security-settings");
  assert.deepEqual([saved.lockout_minutes, saved.emails_per_day], [before.lockout_minutes + 1, before.emails_per_day + 1]);
});

test("an address can be suppressed, found and removed", async (t) => {
  const page = await openPage(t, browser, mailkey);
  await openAs(page, mailkey, "/admin/suppressions/");
  await page.getByRole("button", { name: "Suppress an address" }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByLabel("Email address").fill("left@example.com");
  await dialog.getByLabel("Reason").fill("Has left the company");
  await dialog.getByRole("button", { name: "Suppress", exact: true }).click();
  const card = page.locator('[data-address="left@example.com"]');
  await card.getByText("Has left the company").waitFor();
  await page.getByLabel("Email address").fill("left@example.com");
  await page.keyboard.press("Enter");
  await page.waitForURL("**/admin/suppressions/?address=left%40example.com");
  await card.getByRole("button", { name: "Remove", exact: true }).click();
  await page.getByText("left@example.com is not suppressed.").waitFor();
  await page.getByRole("button", { name: "Undo" }).click();
  await card.getByText("Has left the company").waitFor();

  await page.goto(`${mailkey.url}/admin/suppressions/?address=sam%40example.com`);
  await api("PUT", "/api/admin/suppressions/sam@example.com", { reason: "hard_bounce" });
  await page.reload();
  await page.getByRole("button", { name: "Remove", exact: true }).click();
  await page.getByRole("dialog", { name: "Remove this suppression?" }).getByRole("button", { name: "Cancel" }).click();
});

/** Actions whose result is shown before the response: the page, the button, and what disappears. */
const AT_ONCE = [
  {
    action: "an unlock",
    open: async () => `/admin/user/?id=${(await userOf(api, "lena@example.com")).id}`,
    prepare: () => mailkey.lock("lena@example.com"),
    route: "**/unlock",
    button: "Unlock",
    gone: (page) => page.getByText("Locked", { exact: true }),
    done: "can sign in again",
  },
  {
    action: "removing a manual suppression",
    open: async () => "/admin/suppressions/?address=gone%40example.com",
    prepare: () => api("PUT", "/api/admin/suppressions/gone@example.com", { reason: "Has left the company" }),
    route: "**/api/admin/suppressions/gone%40example.com",
    button: "Remove",
    gone: (page) => page.locator('[data-address="gone@example.com"]'),
    done: "We’ll email gone@example.com again.",
  },
];

for (const { action, open, prepare, route, button, gone, done } of AT_ONCE) {
  test(`${action} is shown immediately, and rolled back on failure`, async (t) => {
    await prepare();
    const page = await openPage(t, browser, mailkey);
    await openAs(page, mailkey, await open());
    const press = page.getByRole("button", { name: button, exact: true }).first();
    const state = gone(page).first();
    await state.waitFor();
    const arrivals = [];
    const answer = (respond) => page.route(route, async (request) => (request.request().method() === "GET" ? request.continue() : arrivals.push(() => respond(request))));

    await answer((request) => request.fulfill({ status: 409, contentType: "application/problem+json", body: JSON.stringify({ code: "stale-version", title: "Not now", detail: "Someone else was faster." }) }));
    await press.click();
    await eventually("the request", () => arrivals.length === 1);
    await state.waitFor({ state: "hidden" });
    assert.equal(await page.getByText(done).count(), 0, "no confirmation yet");
    assert.equal(await page.evaluate(() => document.activeElement === document.body), false, "an element has the focus");
    arrivals.pop()();
    await page.getByRole("alert").getByText("Someone else was faster.").waitFor();
    await state.waitFor();
    await page.unroute(route);

    await answer((request) => request.continue());
    await press.click();
    await eventually("the slow request", () => arrivals.length === 1);
    await state.waitFor({ state: "hidden" });
    assert.equal(await page.getByText(done).count(), 0, "no confirmation before the response");
    arrivals.pop()();
    await page.getByText(done).waitFor();
    await settled(page);
    assert.equal(await state.isVisible(), false);
  });
}

test("/ opens the page's search, or the user search on other pages", async (t) => {
  const page = await openPage(t, browser, mailkey);
  await openAs(page, mailkey, "/admin/email-log/");
  await page.locator("h1").click();
  await page.keyboard.press("/");
  assert.equal(await page.evaluate(() => document.activeElement.id), "recipient");
  await page.keyboard.type("a/b");
  assert.equal(await page.getByLabel("Recipient").inputValue(), "a/b", "in a field, / is a normal character");
  await page.goto(`${mailkey.url}/admin/sender/`);
  await settled(page);
  await page.keyboard.press("/");
  await page.waitForURL("**/admin/users/");
  await page.waitForFunction(() => document.activeElement.id === "user-query");
});

test("the audit log can be filtered by the addresses of the actor and the target", async (t) => {
  const page = await openPage(t, browser, mailkey);
  const { id } = await userOf(api, "petra@example.com");
  await openAs(page, mailkey, "/admin/audit-log/");
  await page.getByLabel("Done by").fill(ADMIN.email);
  await page.getByLabel("Done to").fill(SUPPORT.email);
  await page.keyboard.press("Enter");
  await page.waitForURL("**/admin/audit-log/?actor=admin%40example.com&target=sue%40example.com");
  await page.getByRole("row", { name: /Created a user/ }).getByRole("link", { name: "Sue Support" }).waitFor();
  assert.equal(await page.locator("tbody tr").count(), 1);
  await page.goto(`${mailkey.url}/admin/audit-log/?actor=${id}`);
  await page.getByText("No entries match these filters.").waitFor();
});

test("an API key is shown only once", async (t) => {
  const page = await openPage(t, browser, mailkey);
  await openAs(page, mailkey, "/admin/api-keys/");
  await page.getByRole("button", { name: "Create key" }).click();
  await page.getByLabel("Name").fill("Nightly report");
  await page.getByLabel("Routes").fill("GET /api/admin/email-log");
  await page.getByRole("dialog").getByRole("button", { name: "Create key" }).click();
  await page.getByText("Key “Nightly report” created.").waitFor();
  await check(page, "console-key-made");
  const secret = await page.locator("[data-secret] code").textContent();
  await page.reload();
  await settled(page);
  assert.ok(!(await page.locator("body").textContent()).includes(secret));
  await page.getByRole("button", { name: "Revoke Nightly report" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Revoke" }).click();
  await page.getByRole("cell", { name: "Revoked" }).waitFor();
});

test("a name is always shown as plain text", async (t) => {
  const name = `<img src=x onerror=alert(1)>"'&`;
  const user = await api("POST", "/api/admin/users", { email: "odd@example.com", display_name: name });
  const page = await openPage(t, browser, mailkey);
  await openAs(page, mailkey, `/admin/user/?id=${user.id}`);
  await page.getByRole("heading", { level: 1, name }).waitFor();
  assert.equal(await page.locator("main img").count(), 0);
});

test("an error is shown where it occurs, with a button to try again", async (t) => {
  const page = await openPage(t, browser, mailkey);
  let down = true;
  page.removeAllListeners("console");
  await page.route("**/api/admin/users?*", (route) =>
    down ? route.fulfill({ status: 503, headers: { "retry-after": "7" }, contentType: "text/html", body: "<h1>Bad</h1>" }) : route.continue());
  await openAs(page, mailkey, "/admin/users/");
  await page.getByRole("alert").getByText("Try again in 7 seconds.").waitFor();
  await check(page, "console-failure");
  down = false;
  await page.getByRole("button", { name: "Try again" }).click();
  await page.locator("[data-user]").first().waitFor();
  await page.goto(`${mailkey.url}/admin/user/?id=${"0".repeat(26)}`);
  await page.getByRole("alert").getByRole("link", { name: "What this means" }).waitFor();
});

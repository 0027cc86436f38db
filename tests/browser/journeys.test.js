// Complete journeys in the browser, by mouse and keyboard.

import assert from "node:assert/strict";
import { test } from "node:test";
import { check, openPage } from "./support/browser.js";
import { eventually } from "./support/mailkey.js";
import { start } from "./support/start.js";

const PASSWORD = "violet canoe under nine bridges";
const NEW_PASSWORD = "seven lamps on a quiet pier";

const { mailkey, browser } = await start();

test("a user resets a forgotten password", async (t) => {
  const page = await openPage(t, browser, mailkey);
  await page.goto(`${mailkey.url}/`);
  await page.getByRole("link", { name: "I forgot my password" }).click();
  await page.getByLabel("Email address").fill("alice@example.com");
  await check(page, "journey-1-forgot-password");
  await page.getByRole("button", { name: "Send me a link" }).click();
  await page.waitForURL(`${mailkey.url}/check-your-mail/`);
  await page.getByText("You entered alice@example.com").waitFor();
  await check(page, "journey-2-check-your-mail");

  const chosen = await openMailedLink(page, "Reset your password for Example Portal", "Choose a new password");
  await assertSecretIsGone(chosen, "/reset-password/");
  await check(chosen, "journey-4-reset-password");

  await chosen.getByLabel("New password").fill("alice@example.com");
  await chosen.getByRole("button", { name: "Save the new password" }).click();
  await chosen.getByText("The password must not be your email address.").waitFor();
  await chosen.getByLabel("New password").fill("alice");
  await chosen.getByRole("button", { name: "Save the new password" }).click();
  await chosen.getByText("The password must have at least 15 characters.").waitFor();
  const field = chosen.getByLabel("New password");
  assert.equal(await field.getAttribute("aria-invalid"), "true");
  assert.ok(await field.evaluate((element) => element === document.activeElement), "the invalid field has the focus");
  await check(chosen, "journey-5-weak-password");

  await field.fill(NEW_PASSWORD);
  await chosen.getByRole("button", { name: "Save the new password" }).click();
  await chosen.getByRole("heading", { name: "Your password has been changed" }).waitFor();
  await check(chosen, "journey-6-changed");
  await chosen.getByRole("main").getByRole("link", { name: "Sign in" }).click();

  await signIn(chosen, "alice@example.com", PASSWORD);
  await chosen.getByText("The email address or the password is wrong.").waitFor();
  await check(chosen, "journey-7-old-password");
  await signIn(chosen, "alice@example.com", NEW_PASSWORD);
  await chosen.getByRole("heading", { name: "You’re signed in" }).waitFor();
  await chosen.getByText("alice@example.com").waitFor();
  await check(chosen, "journey-8-signed-in");

  await chosen.reload();
  await chosen.getByRole("heading", { name: "You’re signed in" }).waitFor();
  const cookies = (await chosen.context().cookies()).sort((one, other) => one.name.localeCompare(other.name));
  assert.deepEqual(
    cookies.map(({ name, secure, httpOnly, sameSite, path }) => ({ name, secure, httpOnly, sameSite, path })),
    [
      { name: "__Host-mailkey-device", secure: true, httpOnly: true, sameSite: "Strict", path: "/" },
      { name: "__Host-mailkey-session", secure: true, httpOnly: true, sameSite: "Strict", path: "/" },
      { name: "__Host-mailkey-signed-in", secure: true, httpOnly: false, sameSite: "Strict", path: "/" },
    ],
  );
  assert.equal(await chosen.evaluate(() => document.cookie), "__Host-mailkey-signed-in=1", "scripts can't read the session, only that there is one");

  await chosen.getByRole("button", { name: "Sign out" }).click();
  await chosen.getByText("You’re signed out.").waitFor();
  await check(chosen, "journey-9-signed-out");
  assert.deepEqual((await chosen.context().cookies()).map(({ name }) => name), ["__Host-mailkey-device"]);
  await chosen.reload();
  await chosen.getByLabel("Email address").waitFor();

  // The browser is known now, so strangers can't lock its owner out.
  await mailkey.lock("alice@example.com");
  await signIn(chosen, "alice@example.com", NEW_PASSWORD);
  await chosen.getByRole("heading", { name: "You’re signed in" }).waitFor();
});

test("a user activates an account", async (t) => {
  const page = await openPage(t, browser, mailkey);
  await page.goto(`${mailkey.url}/forgot-password/`);
  await page.getByLabel("Email address").fill("petra@example.com");
  await page.keyboard.press("Enter");
  await page.waitForURL("**/check-your-mail/");

  const chosen = await openMailedLink(page, "Activate your account for Example Portal", "Activate");
  await assertSecretIsGone(chosen, "/activate/");
  await check(chosen, "activation-1-choose");
  await chosen.getByLabel("New password").fill(NEW_PASSWORD);
  await chosen.getByRole("button", { name: "Activate my account" }).click();
  await chosen.getByRole("heading", { name: "Your account is active" }).waitFor();
  await check(chosen, "activation-2-active");
  await chosen.getByRole("main").getByRole("link", { name: "Sign in" }).click();
  await signIn(chosen, "petra@example.com", NEW_PASSWORD);
  await chosen.getByRole("heading", { name: "You’re signed in" }).waitFor();
});

test("a used link offers a new one on the same page", async (t) => {
  const link = await mailkey.newLink("gwen@gmial.com");
  const token = new URL(link).hash.slice("#token=".length);
  await mailkey.ask("POST", "/api/redeem-token", { token, new_password: NEW_PASSWORD });
  const page = await openPage(t, browser, mailkey);
  await page.goto(link);
  await page.getByLabel("New password").fill("another good password");
  await page.getByRole("button", { name: "Save the new password" }).click();
  await page.getByRole("heading", { name: "Invalid Token" }).waitFor();
  await check(page, "invalid-token");

  const before = (await mailkey.outbox("gwen@gmial.com")).length;
  await mailkey.advanceClock(2 * 3600 * 1000);
  await page.getByLabel("Email address").fill("gwen@gmial.com");
  await page.getByRole("button", { name: "Send me a link" }).click();
  await page.waitForURL("**/check-your-mail/");
  await eventually("the new link", async () => (await mailkey.outbox("gwen@gmial.com")).length > before);
});

test("without a link the page says what is missing", async (t) => {
  const page = await openPage(t, browser, mailkey);
  for (const path of ["/reset-password/", "/activate/", "/reset-password/#token=", "/reset-password/#other"]) {
    await page.goto("about:blank");
    await page.goto(mailkey.url + path);
    await page.getByRole("heading", { name: "This page needs the link from your email" }).waitFor();
    await page.getByLabel("Email address").waitFor();
  }
});

test("a link opened in the same tab replaces the earlier one", async (t) => {
  const link = await mailkey.newLink("alice@example.com");
  const page = await openPage(t, browser, mailkey);
  await page.goto(`${mailkey.url}/reset-password/#token=${"A".repeat(43)}`);
  await page.getByLabel("New password").fill(NEW_PASSWORD);
  await page.getByRole("button", { name: "Save the new password" }).click();
  await page.getByRole("heading", { name: "Invalid Token" }).waitFor();
  await page.goto(link);
  await page.waitForURL(`${mailkey.url}/reset-password/`);
  await page.getByLabel("New password").fill(NEW_PASSWORD);
  await page.getByRole("button", { name: "Save the new password" }).click();
  await page.getByRole("heading", { name: "Your password has been changed" }).waitFor();
});

/** Finds an email in the outbox as a person would, and clicks its link. */
async function openMailedLink(page, subject, label) {
  await page.goto(`${mailkey.url}/_local/outbox/`);
  await eventually("the email is listed", async () => {
    await page.reload();
    return page.getByRole("link", { name: subject }).count();
  });
  await page.getByRole("link", { name: subject }).first().click();
  await page.waitForURL("**/_local/outbox/*/");
  await check(page, "journey-3-mail");
  const opened = page.context().waitForEvent("page");
  await page.frameLocator("iframe").getByRole("link", { name: label }).first().click();
  return opened;
}

/** Asserts that the secret is neither visible nor stored by the browser. */
async function assertSecretIsGone(page, path) {
  // The field exists before the page's script runs, and the driver learns about the new URL with a delay.
  await page.waitForURL(mailkey.url + path);
  await page.getByLabel("New password").waitFor();
  const kept = await page.evaluate(() => ({
    page: document.documentElement.outerHTML.includes("token="),
    state: history.state,
    local: { ...localStorage },
    session: { ...sessionStorage },
    title: document.title.includes("token"),
  }));
  assert.deepEqual(kept, { page: false, state: null, local: {}, session: {}, title: false });
}

async function signIn(page, email, password) {
  await page.getByLabel("Email address").fill(email);
  await page.getByLabel("Password", { exact: true }).fill(password);
  await page.getByRole("main").getByRole("button", { name: "Sign in" }).click();
}

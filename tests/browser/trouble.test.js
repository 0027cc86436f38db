// What users see when something goes wrong.

import assert from "node:assert/strict";
import { test } from "node:test";
import { DESK, PHONE, check, openPage, picture } from "./support/browser.js";
import { start } from "./support/start.js";

const PASSWORD = "violet canoe under nine bridges";

const { mailkey, browser } = await start();

test("a locked user sees for how long, and how to sign in sooner", async (t) => {
  const page = await openPage(t, browser, mailkey);
  await signIn(page, "lena@example.com", PASSWORD);
  await page.getByText("Account Locked.").waitFor();
  await page.getByText(/Try again in 1\d minutes/).waitFor();
  await page.getByRole("link", { name: "choose a new password" }).waitFor();
  assert.equal(await page.getByLabel("Password", { exact: true }).inputValue(), "", "the password is cleared");
  await check(page, "locked");
});

test("after a hundred wrong passwords in a row, a user reads that waiting doesn't help", async (t) => {
  const page = await openPage(t, browser, mailkey);
  const guess = () => mailkey.ask("POST", "/api/sign-in", { email: "gwen@gmial.com", password: "not this one" });
  for (let round = 0; round < 10; round++) {
    await Promise.all(Array.from({ length: 10 }, guess));
    await mailkey.advanceClock(15 * 60 * 1000);
  }
  await signIn(page, "gwen@gmial.com", PASSWORD);
  await page.getByText("Too many wrong passwords were entered in a row.").waitFor();
  await page.getByRole("link", { name: "choose a new password" }).waitFor();
  assert.equal(await page.getByText(/Try again in/).count(), 0);
  await check(page, "recovery-required");
});

test("an inactive user sees whom to contact", async (t) => {
  const page = await openPage(t, browser, mailkey);
  await signIn(page, "ivan@example.com", PASSWORD);
  await page.getByText("Your account isn’t active.").waitFor();
  await check(page, "inactive");
});

test("an offline user gets a message and keeps the input", async (t) => {
  const page = await openPage(t, browser, mailkey);
  await page.goto(`${mailkey.url}/forgot-password/`);
  await page.getByLabel("Email address").fill("sam@example.com");
  await page.context().setOffline(true);
  await page.getByRole("button", { name: "Send me a link" }).click();
  await page.getByText("You’re offline.").waitFor();
  await picture(page, "offline");
  assert.equal(await page.getByLabel("Email address").inputValue(), "sam@example.com");
  await page.context().setOffline(false);
  await page.getByRole("button", { name: "Send me a link" }).click();
  await page.waitForURL("**/check-your-mail/");
});

test("an unavailable service is reported with the time to wait", async (t) => {
  const page = await openPage(t, browser, mailkey, { bypassCSP: false });
  await page.route("**/api/forgot-password", (route) =>
    route.fulfill({ status: 503, headers: { "retry-after": "40", "content-type": "text/html" }, body: "<h1>Bad</h1>" }),
  );
  // The browser logs the 503, as expected.
  page.removeAllListeners("console");
  await page.goto(`${mailkey.url}/forgot-password/`);
  await page.getByLabel("Email address").fill("sam@example.com");
  await page.keyboard.press("Enter");
  await page.getByText("The service isn’t available right now.").waitFor();
  await page.getByText("in 40 seconds").waitFor();
  await check(page, "unavailable");
});

test("an invalid address is reported at its field", async (t) => {
  const page = await openPage(t, browser, mailkey);
  for (const [address, words] of [
    ["", "Enter your email address."],
    ["alice", "Enter a complete email address, such as name@example.com."],
    ["alice@example.com,evil@evil.test", "Enter a complete email address, such as name@example.com."],
  ]) {
    await page.goto(`${mailkey.url}/forgot-password/`);
    await page.getByLabel("Email address").fill(address);
    await page.getByRole("button", { name: "Send me a link" }).click();
    await page.getByText(words).waitFor();
    const field = page.getByLabel("Email address");
    assert.equal(await field.getAttribute("aria-invalid"), "true");
    assert.ok(await field.evaluate((element) => element === document.activeElement));
  }
  await check(page, "no-address");
});

test("without JavaScript, forms say that they need it, and other pages work", async (t) => {
  for (const viewport of [DESK, PHONE]) {
    const page = await openPage(t, browser, mailkey, { javaScriptEnabled: false, viewport });
    for (const path of ["/forgot-password/", "/reset-password/", "/activate/", "/sign-in/"]) {
      await page.goto(mailkey.url + path);
      await page.getByText(/needs JavaScript/).waitFor();
      assert.equal(await page.locator("button[type=submit]:visible:not([disabled])").count(), 0, "no submit button that does nothing");
    }
    await picture(page, `no-javascript-${viewport.width}`);
    for (const path of ["/", "/guide/", "/faq/", "/check-your-mail/", "/problems/invalid-token/"]) {
      await page.goto(mailkey.url + path);
      assert.equal(await page.getByText(/needs JavaScript/).count(), 0, path);
      assert.ok((await page.locator("main").innerText()).length > 200, path);
    }
  }
});

test("a password can be shown while typing, and is hidden when it is sent", async (t) => {
  const page = await openPage(t, browser, mailkey);
  await page.goto(`${mailkey.url}/sign-in/`);
  const field = page.getByLabel("Password", { exact: true });
  await page.getByLabel("Email address").fill("stranger@example.com");
  await field.fill("wrong");
  await page.getByRole("button", { name: "Show password" }).click();
  assert.equal(await field.getAttribute("type"), "text");
  await page.getByRole("main").getByRole("button", { name: "Sign in" }).click();
  await page.getByText("The email address or the password is wrong.").waitFor();
  assert.equal(await field.getAttribute("type"), "password");
});

async function signIn(page, email, password) {
  await page.goto(`${mailkey.url}/sign-in/`);
  await page.getByLabel("Email address").fill(email);
  await page.getByLabel("Password", { exact: true }).fill(password);
  await page.getByRole("main").getByRole("button", { name: "Sign in" }).click();
}

// Using the site without a mouse: searching, answering questions, activating an account, and helping a user in the
// console. pages.test.js covers a forgotten password with the keyboard.

import assert from "node:assert/strict";
import { test } from "node:test";
import { check, openPage } from "./support/browser.js";
import { adminApi, openAs, settled, userOf } from "./support/console.js";
import { start } from "./support/start.js";

const { mailkey, browser } = await start();

test("search finds pages while typing, and the arrow keys and Enter open them", async (t) => {
  const page = await openPage(t, browser, mailkey);
  const scripts = [];
  page.on("request", (request) => ["script", "fetch"].includes(request.resourceType()) && scripts.push(request.url()));
  await page.goto(`${mailkey.url}/guide/`);
  assert.deepEqual(scripts, [], "the search isn't loaded before it is used");
  await pressAccessKey(page, "/", "Slash");
  assert.equal(await page.evaluate(() => document.activeElement.name), "q", "the access key moves the focus to the search");
  await page.reload();
  await tabTo(page, () => document.activeElement.name === "q");
  await page.keyboard.type("suppressed");
  await page.keyboard.press("Enter");
  await page.waitForURL("**/search/?q=suppressed");
  await page.locator("[data-found] a").first().waitFor();
  await check(page, "search-found");

  // The search works offline from here on.
  await page.context().setOffline(true);
  await page.keyboard.press("Control+A");
  await page.keyboard.type("account lock");
  await page.getByRole("status").getByText(/pages/).waitFor();
  await page.keyboard.press("Control+A");
  await page.keyboard.type("quarantne");
  await page.getByText("Did you mean this?").waitFor();
  await page.keyboard.press("Control+A");
  await page.keyboard.type("xyzzy");
  await page.getByText("No results.").waitFor();
  await check(page, "search-nothing");
  await page.keyboard.press("Control+A");
  await page.keyboard.type("Invalid Token");
  await page.locator("[data-found] a", { hasText: "Invalid Token" }).first().waitFor();
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("Escape");
  assert.equal(await page.evaluate(() => document.activeElement.id), "q");
  await page.keyboard.press("ArrowDown");
  const target = await page.evaluate(() => document.activeElement.href);
  await page.context().setOffline(false);
  await page.keyboard.press("Enter");
  await page.waitForURL(target);
  await page.goBack();
  await page.locator("[data-found] a").first().waitFor();
  await page.locator("h1").click();
  await page.keyboard.press("/");
  assert.equal(await page.evaluate(() => document.activeElement.id), "q");
  assert.equal(await page.evaluate(() => document.activeElement.value), "Invalid Token", "going back restores the search");
});

test("the questions lead to the right page", async (t) => {
  const page = await openPage(t, browser, mailkey);
  await page.goto(`${mailkey.url}/`);
  await follow(page, "The email didn’t arrive");
  await page.waitForURL("**/help/no-email/");
  for (let step = 0; step < 8; step++) {
    const answers = page.locator("main ul a[href^='/help/no-email/']");
    if ((await answers.count()) === 0) break;
    const next = await answers.last().evaluate((link) => link.href);
    await follow(page, (await answers.last().textContent()).trim());
    await page.waitForURL(next);
  }
  assert.ok((await page.locator("main").innerText()).length > 100);
  await check(page, "walk-through-end");
});

test("a user activates an account", async (t) => {
  const page = await openPage(t, browser, mailkey);
  await page.goto(await mailkey.newLink("petra@example.com"));
  await tabTo(page, () => document.activeElement.id === "new-password");
  await page.keyboard.type("seven lamps on a quiet pier");
  await page.keyboard.press("Enter");
  await page.getByRole("heading", { name: "Your account is active" }).waitFor();
  await tabTo(page, () => document.activeElement.textContent === "Sign in" && document.activeElement.closest("main"));
  await page.keyboard.press("Enter");
  await page.waitForURL("**/sign-in/");
});

test("a dialog keeps the focus and returns it when closed", async (t) => {
  const api = await adminApi(mailkey);
  const page = await openPage(t, browser, mailkey);
  await openAs(page, mailkey, `/admin/user/?id=${(await userOf(api, "gwen@gmial.com")).id}`);
  await tabTo(page, () => document.activeElement.textContent === "Edit");
  await page.keyboard.press("Enter");
  const dialog = page.getByRole("dialog", { name: "Edit user" });
  await dialog.waitFor();
  for (let presses = 0; presses < 12; presses++) {
    await page.keyboard.press("Tab");
    assert.ok(await page.evaluate(() => document.activeElement === document.body || document.activeElement.closest("dialog")), "the focus is in the dialog");
  }
  await page.keyboard.press("Escape");
  await dialog.waitFor({ state: "detached" });
  await page.waitForFunction(() => document.activeElement.textContent === "Edit");
});

test("the log's filters and the settings can be changed", async (t) => {
  const page = await openPage(t, browser, mailkey);
  await openAs(page, mailkey, "/admin/email-log/");
  await tabTo(page, () => document.activeElement.id === "status");
  for (let presses = 0; presses < 20 && (await page.locator("#status").inputValue()) !== "delivered"; presses++) await page.keyboard.press("ArrowDown");
  await page.waitForURL("**/admin/email-log/?status=delivered");
  await settled(page);
  await tabTo(page, () => document.activeElement.matches(".mail summary"));
  await page.keyboard.press("Enter");
  await page.getByRole("list", { name: "Timeline" }).waitFor();

  await page.goto(`${mailkey.url}/admin/security-settings/`);
  await settled(page);
  await tabTo(page, () => document.activeElement.name === "lockout_minutes");
  await page.keyboard.press("ArrowUp");
  await page.keyboard.press("Enter");
  const dialog = page.getByRole("dialog", { name: "Save these settings?" });
  await dialog.waitFor();
  await page.keyboard.press("Enter");
  await page.getByText("Settings saved.").waitFor();
});

/** Presses Alt and a key. The browser needs the key's text to recognize an `accesskey`; `keyboard.press` omits it. */
async function pressAccessKey(page, key, code) {
  const devTools = await page.context().newCDPSession(page);
  await devTools.send("Input.dispatchKeyEvent", { type: "keyDown", modifiers: 1, key, code, text: key, unmodifiedText: key });
}

/** Presses Tab until an element has the focus. */
async function tabTo(page, wanted) {
  for (let presses = 0; presses < 80; presses++) {
    if (await page.evaluate(wanted)) return;
    await page.keyboard.press("Tab");
  }
  throw new Error(`not reachable with Tab: ${wanted}`);
}

/** Moves the focus to the link with these words, and opens it. */
async function follow(page, words) {
  for (let presses = 0; presses < 80; presses++) {
    if ((await page.evaluate(() => document.activeElement.textContent.trim())) === words) return page.keyboard.press("Enter");
    await page.keyboard.press("Tab");
  }
  throw new Error(`not reachable with Tab: ${words}`);
}

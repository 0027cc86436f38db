// Without a mouse: searching, being led to the right page, activating an account, and helping somebody from the console.
// The journey of a forgotten password by keyboard is in pages.test.js.

import assert from "node:assert/strict";
import { test } from "node:test";
import { check, openPage } from "./support/browser.js";
import { adminApi, openAs, settled, userOf } from "./support/console.js";
import { start } from "./support/start.js";

const { mailkey, browser } = await start();

test("what is looked for is found as one types, and opened with the arrows and Enter", async (t) => {
  const page = await openPage(t, browser, mailkey);
  const scripts = [];
  page.on("request", (request) => ["script", "fetch"].includes(request.resourceType()) && scripts.push(request.url()));
  await page.goto(`${mailkey.url}/guide/`);
  assert.deepEqual(scripts, [], "nothing of the search is there before it is used");
  await pressAccessKey(page, "/", "Slash");
  assert.equal(await page.evaluate(() => document.activeElement.name), "q", "the browser's own key leads there");
  await page.reload();
  await tabTo(page, () => document.activeElement.name === "q");
  await page.keyboard.type("suppressed");
  await page.keyboard.press("Enter");
  await page.waitForURL("**/search/?q=suppressed");
  await page.locator("[data-found] a").first().waitFor();
  await check(page, "search-found");

  // From here on nothing is asked of any host.
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
  assert.equal(await page.evaluate(() => document.activeElement.value), "Invalid Token", "back is where one was");
});

test("questions lead to the right page", async (t) => {
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

test("an account is activated", async (t) => {
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

test("a dialog keeps the focus, and gives it back", async (t) => {
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

test("the filters of the log and the settings are changed", async (t) => {
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

/** Alt and a key, with the text of the key, by which the browser knows an `accesskey`; `keyboard.press` leaves it out. */
async function pressAccessKey(page, key, code) {
  const devTools = await page.context().newCDPSession(page);
  await devTools.send("Input.dispatchKeyEvent", { type: "keyDown", modifiers: 1, key, code, text: key, unmodifiedText: key });
}

/** Goes on with Tab until an element has the focus. */
async function tabTo(page, wanted) {
  for (let presses = 0; presses < 80; presses++) {
    if (await page.evaluate(wanted)) return;
    await page.keyboard.press("Tab");
  }
  throw new Error(`out of reach: ${wanted}`);
}

/** Goes to a link of the page by its words, and along it. */
async function follow(page, words) {
  for (let presses = 0; presses < 80; presses++) {
    if ((await page.evaluate(() => document.activeElement.textContent.trim())) === words) return page.keyboard.press("Enter");
    await page.keyboard.press("Tab");
  }
  throw new Error(`out of reach: ${words}`);
}

// Every page of the console is accessible and nothing is cut off, in light and dark mode, on a phone and on a desktop.

import assert from "node:assert/strict";
import { test } from "node:test";
import { DESK, PHONE, assertAccessible, assertFits, openPage, picture } from "./support/browser.js";
import { adminApi, openAs, settled, userOf } from "./support/console.js";
import { faultsOf } from "./support/html.js";
import { eventually } from "./support/mailkey.js";
import { start } from "./support/start.js";

const { mailkey, browser } = await start();
const api = await adminApi(mailkey);
const ids = {};
for (const name of ["alice", "ivan", "petra", "lena", "sam"]) ids[name] = (await userOf(api, `${name}@example.com`)).id;
ids.gwen = (await userOf(api, "gwen@gmial.com")).id;
for (const email of ["bounce+one@simulator.amazonses.com", "bounce+two@simulator.amazonses.com", "complaint@simulator.amazonses.com"]) {
  await api("POST", "/api/admin/users", { email, display_name: email.split("@")[0] });
}
for (const email of ["alice@example.com", "ivan@example.com", "sam@example.com", "lena@example.com", "stranger@example.org"]) {
  await mailkey.ask("POST", "/api/forgot-password", { email });
}
await api("POST", "/api/admin/api-keys", { name: "Nightly report", role: "support", expires_in_days: 30, routes: ["GET /api/admin/email-log"] });
const mail = await eventually("a delivered email", async () => (await api("GET", "/api/admin/email-log?recipient=alice@example.com&status=delivered")).entries[0]);
await eventually("the bounces", async () => (await api("GET", "/api/admin/email-log?status=bounced")).entries.length >= 2);
const pages = {
  overview: "/admin/",
  users: "/admin/users/",
  "users-found": "/admin/users/?query=alice",
  "users-none": "/admin/users/?query=nobody%40example.com",
  ...Object.fromEntries(Object.entries(ids).map(([name, id]) => [`user-${name}`, `/admin/user/?id=${id}`])),
  "user-none": `/admin/user/?id=${"0".repeat(26)}`,
  diagnosis: "/admin/diagnosis/",
  "diagnosis-nobody": "/admin/diagnosis/?email=alicia%40example.com",
  "email-log": "/admin/email-log/",
  "email-log-none": "/admin/email-log/?recipient=nobody%40example.com",
  email: `/admin/email/?id=${mail.id}`,
  suppressions: "/admin/suppressions/",
  suppression: "/admin/suppressions/?address=sam%40example.com",
  "security-settings": "/admin/security-settings/",
  "audit-log": "/admin/audit-log/",
  account: "/admin/account/",
  "api-keys": "/admin/api-keys/",
  sender: "/admin/sender/",
};

/** The narrowest window that WCAG 2.2 requires (1.4.10). */
const NARROW = { width: 320, height: 640 };

for (const colorScheme of ["light", "dark"]) {
  for (const viewport of [PHONE, DESK]) {
    test(`every page of the console is accessible in ${colorScheme} mode and fits into ${viewport.width} pixels`, async (t) => {
      const page = await openPage(t, browser, mailkey, { colorScheme, viewport, reducedMotion: "reduce" });
      await openAs(page, mailkey, "/admin/");
      for (const [name, path] of Object.entries(pages)) {
        await page.goto(mailkey.url + path);
        await settled(page);
        // Open everything that can be opened.
        await page.evaluate(() => document.querySelectorAll("details").forEach((details) => (details.open = true)));
        await page.waitForFunction(() => !document.querySelector('[aria-busy="true"], .loading'));
        const what = `console-${name}-${colorScheme}-${viewport.width}`;
        await assertAccessible(page, what);
        await assertFits(page, what);
        await page.evaluate(() => document.querySelectorAll("details:not(.mail)").forEach((details) => (details.open = false)));
        await page.evaluate(() => document.querySelectorAll(".mail:nth-child(n + 2)").forEach((details) => (details.open = false)));
        await picture(page, what);
      }
    });
  }
}

test("every page fits into 320 pixels, even with text at 200%", async (t) => {
  const page = await openPage(t, browser, mailkey, { viewport: NARROW });
  await openAs(page, mailkey, "/admin/");
  for (const [name, path] of Object.entries(pages)) {
    await page.goto(mailkey.url + path);
    await settled(page);
    await assertFits(page, `${name} at 320`);
    await page.evaluate(() => document.documentElement.style.setProperty("font-size", "200%"));
    await assertFits(page, `${name} at 320 with large text`);
    await picture(page, `console-${name}-large-320`);
  }
});

test("every loaded page of the console is valid HTML with a title, one heading and landmarks", async (t) => {
  const page = await openPage(t, browser, mailkey);
  await openAs(page, mailkey, "/admin/");
  for (const [name, path] of Object.entries(pages)) {
    await page.goto(mailkey.url + path);
    await settled(page);
    assert.deepEqual(await faultsOf(await page.content(), name), []);
    if (name !== "user-none") assert.equal(await page.locator("h1:visible").count(), 1, name);
    assert.match(await page.title(), / · Console · Example Portal$/);
    for (const landmark of ["banner", "main", "contentinfo"]) assert.equal(await page.getByRole(landmark).count(), 1, `${name}: ${landmark}`);
    assert.equal(await page.getByRole("navigation", { name: "Console" }).count(), 1, name);
  }
});

test("after a session ends, signing in again returns to the same page", async (t) => {
  const page = await openPage(t, browser, mailkey);
  await openAs(page, mailkey, "/admin/email-log/?kind=password_reset&status=delivered");
  await page.context().clearCookies();
  await openAs(page, mailkey, pages["user-alice"]);
});

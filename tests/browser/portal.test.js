// The way back to the portal after a sign-in, a reset and an activation.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import { after, test } from "node:test";
import { PHONE, check, launch } from "./support/browser.js";
import { ADMIN, signIn } from "./support/console.js";
import { startMailkey } from "./support/mailkey.js";

const PASSWORD = "violet canoe under nine bridges";
const NEW_PASSWORD = "seven lamps on a quiet pier";

/** The portal: a page for every path. */
const portal = createServer((request, response) => response.setHeader("content-type", "text/html").end(`<!doctype html><title>Portal</title><h1>${request.url}</h1>`));
await new Promise((ready) => portal.listen(0, "127.0.0.1", ready));
const PORTAL = `http://127.0.0.1:${portal.address().port}`;

const environment = { MAILKEY_ADMIN_EMAIL: ADMIN.email, MAILKEY_ADMIN_PASSWORD: ADMIN.password, MAILKEY_PORTAL_URL: `${PORTAL}/home` };
const [mailkey, browser] = await Promise.all([startMailkey(environment), launch()]);
after(async () => {
  await browser.close();
  mailkey.stop();
  portal.close();
});

const script = readFileSync(new URL("../../docs-site/assets/portal.js", import.meta.url), "utf8");
const { destinations } = await import(`data:text/javascript,${encodeURIComponent(script)}`);

async function open(t, options = {}) {
  const context = await browser.newContext({ locale: "en-GB", ...options });
  t.after(() => context.close());
  return context.newPage();
}

const back = (page) => `?${new URLSearchParams({ return_to: page })}`;

test("only pages of the portal's own origin are destinations", () => {
  const portal = "https://portal.example/app";
  for (const [wanted, expected] of [
    ["https://portal.example/orders?id=1#top", "https://portal.example/orders?id=1#top"],
    ["/orders", "https://portal.example/orders"],
    ["https://PORTAL.example:443/", "https://portal.example/"],
    ["https://evil.example/", undefined],
    ["https://portal.example.evil.example/", undefined],
    ["https://portal.example@evil.example/", undefined],
    ["https://user:secret@portal.example/", undefined],
    ["http://portal.example/", undefined],
    ["https://portal.example:8443/", undefined],
    ["//evil.example/", undefined],
    ["/\\evil.example/", undefined],
    ["\t//evil.example", undefined],
    ["https:\\\\evil.example", undefined],
    ["javascript:alert(1)", undefined],
    ["data:text/html,hello", undefined],
    ["blob:https://portal.example/1", undefined],
    ["https://", undefined],
    ["", undefined],
  ]) {
    assert.equal(destinations(portal, back(wanted)).wanted, expected, wanted);
    assert.deepEqual(destinations(undefined, back(wanted)), {}, "nothing without a portal");
  }
});

test("after signing in, a member reaches the page they wanted, or the portal", async (t) => {
  for (const [query, target] of [
    ["", `${PORTAL}/home`],
    [back(`${PORTAL}/orders/17`), `${PORTAL}/orders/17`],
    [back("/orders/17"), `${PORTAL}/orders/17`],
    [back("https://evil.example/"), `${PORTAL}/home`],
  ]) {
    const page = await open(t);
    await page.goto(`${mailkey.url}/sign-in/${query}`);
    await signIn(page, { email: "alice@example.com", password: PASSWORD });
    await page.waitForURL(target);
  }
});

test("someone who is signed in already chooses to continue", async (t) => {
  const page = await open(t);
  await page.goto(`${mailkey.url}/sign-in/`);
  await signIn(page, { email: "alice@example.com", password: PASSWORD });
  await page.waitForURL(`${PORTAL}/home`);
  await page.goto(`${mailkey.url}/sign-in/${back("/orders/17")}`);
  await page.getByRole("heading", { name: "You’re signed in" }).waitFor();
  await check(page, "portal-signed-in");
  await page.getByRole("link", { name: "Continue to Example Portal" }).click();
  await page.waitForURL(`${PORTAL}/orders/17`);
});

test("staff stay and choose between portal and console, unless they came for a page", async (t) => {
  const page = await open(t);
  await page.goto(`${mailkey.url}/sign-in/`);
  await signIn(page, ADMIN);
  await page.getByRole("link", { name: "Open the console" }).waitFor();
  await page.getByRole("link", { name: "Continue to Example Portal" }).waitFor();
  await page.getByRole("button", { name: "Sign out" }).click();
  await page.getByText("You’re signed out.").waitFor();
  await page.goto(`${mailkey.url}/sign-in/${back("/orders/17")}`);
  await signIn(page, ADMIN);
  await page.waitForURL(`${PORTAL}/orders/17`);
});

test("the wanted page is carried from form to form, and to nobody else", async (t) => {
  const page = await open(t, { viewport: PHONE });
  const sent = [];
  page.on("request", (request) => request.url().includes("/api/") && sent.push(`${request.url()} ${request.postData()}`));
  await page.goto(`${mailkey.url}/sign-in/${back(`${PORTAL}/orders/17`)}`);
  await page.getByRole("link", { name: "Forgot your password?" }).click();
  await page.waitForURL(/forgot-password\/\?return_to=/);
  await page.getByLabel("Email address").fill("alice@example.com");
  await page.keyboard.press("Enter");
  await page.waitForURL(/check-your-mail\/\?return_to=/);
  await page.goto(await mailkey.newLink("alice@example.com"));
  await page.getByLabel("New password").fill(NEW_PASSWORD);
  await page.keyboard.press("Enter");
  await page.getByRole("heading", { name: "Your password has been changed" }).waitFor();
  await check(page, "portal-changed");
  assert.equal(await page.getByRole("link", { name: "Continue to Example Portal" }).getAttribute("href"), `${PORTAL}/home`);
  await page.getByRole("main").getByRole("link", { name: "Sign in" }).click();
  await signIn(page, { email: "alice@example.com", password: NEW_PASSWORD });
  await page.waitForURL(`${PORTAL}/home`);
  assert.ok(sent.length >= 3);
  assert.ok(sent.every((request) => !request.includes("orders")), "the API doesn't learn of it");
  const emails = JSON.stringify(await mailkey.outbox("alice@example.com"));
  assert.ok(!emails.includes("orders") && emails.includes(`${PORTAL}/home`), "emails lead to the portal");
});

test("without JavaScript, a form says so and leads to the portal", async (t) => {
  const page = await open(t, { javaScriptEnabled: false });
  for (const path of ["/forgot-password/", "/sign-in/", "/reset-password/", "/de/activate/"]) {
    await page.goto(mailkey.url + path);
    const notice = page.locator(".notice", { hasText: "JavaScript" });
    await notice.waitFor();
    assert.equal(await notice.locator(`a[href="${PORTAL}/home"]`).count(), 1, path);
    assert.equal(await page.locator(".bottom").locator(`a[href="${PORTAL}/home"]`).count(), 1, path);
  }
});

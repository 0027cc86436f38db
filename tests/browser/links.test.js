// Links that mail gateways and email programs damage. tests/cases/links.json has examples from the field.

import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { check, openPage } from "./support/browser.js";
import { adminApi } from "./support/console.js";
import { eventually } from "./support/mailkey.js";
import { start } from "./support/start.js";

const read = (path) => readFileSync(new URL(`../../${path}`, import.meta.url), "utf8");
const paths = JSON.parse(read("tests/cases/links.json")).map(({ path }) => path);
const source = encodeURIComponent(read("docs-site/assets/find-token.js"));
const { findToken } = await import(`data:text/javascript,${source}`);

/** Kinds of damage beyond the examples. */
const OTHERS = [
  "#token=3DTOKEN",
  "#token=3DTOK=%0D%0AEN",
  "%23token=3DTOKEN",
  "=23token=3DTOKEN",
  "#token%3d3DTOKEN",
  "#token=TOKENClick",
  "#token=TOKEN.%20Please%20click%20here",
  "#token=TOKEN%E2%80%9D",
  "#token=%22TOKEN%22",
  "#token=%3CTOKEN%3E",
  "#token=TOK%0A%3E%20EN",
  "#token=TOK%C2%A0EN",
  "#token=TOK%C2%ADEN",
  "#token&#61;TOKEN",
  "#token%25253DTOKEN",
  "#TOKEN=TOKEN",
  "#TOKEN",
  "#t=TOKEN",
  "?token=TOKEN",
  "?utm_source=mail&token=TOKEN&utm_medium=email",
  "#token=TOKEN&data=05%7C01%7Cann%40example.com&sdata=",
  "%2523token%253DTOKEN",
].map((damage) => `/reset-password/${damage}`);

/** Puts a token into a case: `TOK` and `EN` are its halves. */
function damaged(path, token) {
  const at = 1 + (token.charCodeAt(0) % (token.length - 1));
  const halves = path.includes("TOKEN") ? path : path.replace("TOK", () => token.slice(0, at)).replace(/EN$/, () => token.slice(at));
  const last = halves.lastIndexOf("TOKEN");
  return last < 0 ? halves : halves.slice(0, last) + token + halves.slice(last + "TOKEN".length);
}

test("a token is found however its link was damaged", () => {
  let right = 0;
  const tokens = Array.from({ length: 500 }, () => randomBytes(32).toString("base64url"));
  // Tokens that look like parts of an encoding.
  tokens.push(...["3D", "3d3D", "23", "--", "__", "-_"].map((start) => (start + tokens[0]).slice(0, 42) + "A"));
  for (const path of [...paths, ...OTHERS]) {
    for (const token of tokens) {
      const link = `https://portal.example${damaged(path, token)}`;
      assert.equal(findToken(link), token, link);
      right++;
    }
  }
  console.log(`links: ${right} of ${(paths.length + OTHERS.length) * tokens.length}`);
});

test("what is no whole token is none", () => {
  const token = randomBytes(32).toString("base64url");
  for (const text of ["", "#token=", "#other", `#token=${token.slice(0, 40)}`, `#token=${token.slice(0, 30)}...`, "%", "#token=%E0%A4%A",
    "https://portal.example/reset-password/", "some words without any link", `${token} ${token}`]) {
    assert.equal(findToken(text), null, text);
  }
});

const { mailkey, browser } = await start();

test("every damaged link opens the page, leaves the address bar and can be redeemed", async (t) => {
  for (const [index, path] of [...paths, ...OTHERS].entries()) {
    // A new page for each, because some differ from the one before in their fragment only.
    const link = index % 6 === 0 ? await mailkey.newLink("alice@example.com") : null;
    const token = link?.split("token=")[1] ?? randomBytes(32).toString("base64url");
    const context = await browser.newContext();
    const page = await context.newPage();
    await page.goto(mailkey.url + damaged(path, token));
    const field = page.getByLabel(path.includes("/de/") ? "Neues Passwort" : "New password");
    await field.waitFor();
    await page.waitForURL(/^[^?#]*\/reset-password\/$/);
    await field.fill("seven lamps on a quiet pier");
    const asked = page.waitForRequest("**/api/redeem-token");
    await page.locator("[data-choose] button[type=submit]").click();
    const request = await asked;
    assert.equal(request.postDataJSON().token, token, path);
    if (link) assert.equal((await request.response()).status(), 204, path);
    await context.close();
  }
});

test("without a token, the link can be pasted, and the diagnosis names the gateway", async (t) => {
  const link = await mailkey.newLink("alice@example.com");
  const page = await openPage(t, browser, mailkey);
  await page.goto(`${mailkey.url}/reset-password/#token=${link.split("token=")[1].slice(0, 20)}`);
  await page.waitForURL(`${mailkey.url}/reset-password/`);
  const field = page.getByLabel("Link from the email");
  await field.waitFor();
  await check(page, "link-without-token");
  await page.getByRole("button", { name: "Continue" }).click();
  await page.getByText("Paste the link from the email.").waitFor();
  await field.fill(link.slice(0, -5));
  await page.getByRole("button", { name: "Continue" }).click();
  await page.getByText("That isn’t a complete link from our email.").waitFor();
  await field.fill(`Open ${link}`);
  await page.getByRole("button", { name: "Continue" }).click();
  await page.getByLabel("New password").fill("eleven lamps on a quiet pier");
  await page.getByRole("button", { name: "Save the new password" }).click();
  await page.getByRole("heading", { name: "Your password has been changed" }).waitFor();
  const api = await adminApi(mailkey);
  await eventually("the damage is counted for the domain", async () => {
    const { alarms } = await api("GET", "/api/admin/sender");
    return alarms.find(({ kind, subject }) => kind === "links_damaged" && subject === "example.com");
  });
  await mailkey.newLink("alice@example.com");
  // A new link takes two hours of the service's time, and the session was idle.
  const later = await adminApi(mailkey);
  const diagnose = () => later("GET", "/api/admin/diagnosis?email=alice@example.com");
  await eventually("the next link is delivered", async () => /some providers hold email/.test((await diagnose()).summary));
  await mailkey.advanceClock(11 * 60 * 1000);
  const { findings } = await diagnose();
  assert.equal(findings[0].cause, "link_damaged");
});

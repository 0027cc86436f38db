// Choosing a password, and every state of the forms for it.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { PHONE, assertFits, check, openPage } from "./support/browser.js";
import { start } from "./support/start.js";

const GOOD = "seven lamps on a quiet pier";

const { mailkey, browser } = await start();

const script = readFileSync(new URL("../../docs-site/assets/strength.js", import.meta.url), "utf8");
const { judge, lengthOf } = await import(`data:text/javascript,${encodeURIComponent(script)}`);

test("the strength hint matches the password", () => {
  const rules = { min: 15, max: 128, portalName: "Harbour Portal" };
  for (const [password, expected] of [
    ["fourteen chars", "short"],
    ["fifteen letters", "fine"],
    [GOOD, "fine"],
    ["x".repeat(129), "long"],
    ["harbour.portal", "portal"],
    ["aaaaaaaaaaaaaaaaaaaa", "repeats"],
    ["ababababcababababc", "repeats"],
    ["passwordpassword", "repeats"],
    ["abcabcabcabcabcabca", "repeats"],
    ["abcdefghijklmnopqr", "sequence"],
    ["987654321098765432", "sequence"],
    ["qwertyuiopasdfghjkl", "sequence"],
    ["yxcvbnmasdfghjklqwertz", "sequence"],
    ["كلمات لا رابط بينها", "fine"],
  ]) {
    assert.equal(judge(password, rules), expected, password);
  }
  // Counted in code points after NFKC: a key emoji is one, a ligature is two, and an accent isn't counted separately.
  assert.deepEqual(["🔑🔑🔑", "ﬁ", "e\u0301"].map(lengthOf), [3, 2, 1]);
});

test("the rules are shown before any error, and the field shows the progress", async (t) => {
  const page = await openPage(t, browser, mailkey, { viewport: PHONE });
  await page.goto(await mailkey.newLink("alice@example.com"));
  const field = page.getByLabel("New password", { exact: true });
  const meter = page.locator("[data-strength]");
  const status = page.locator("[data-choose] [data-status]");
  await page.getByText("At least 15 characters.").waitFor();
  assert.equal(await meter.isVisible(), false, "no hint before any input");

  await field.pressSequentially("🔑🔑🔑🔑");
  assert.equal(await meter.innerText(), "4 of 15 characters. 11 more to go.");
  await status.getByText("4 of 15 characters. 11 more to go.").waitFor({ state: "attached" });
  assert.equal(await status.getAttribute("aria-live"), "polite");
  await field.fill("abcabcabcabcabcabc");
  assert.match(await meter.innerText(), /it repeats itself/);
  await check(page, "strength-repeats");
  await field.fill("Example Portal");
  assert.match(await meter.innerText(), /name of this portal/);
  await field.fill("");
  assert.equal(await meter.isVisible(), false);

  // Pasted text counts like typed text.
  await field.evaluate((element, text) => {
    element.focus();
    document.execCommand("insertText", false, text);
  }, GOOD);
  assert.equal(await meter.innerText(), "Long enough: 27 characters.");
  await check(page, "strength-fine");

  const described = (await field.getAttribute("aria-describedby")).split(" ");
  assert.deepEqual(described, ["new-password-hint", "new-password-strength", "new-password-problem"]);
  assert.equal(await field.getAttribute("autocomplete"), "new-password");
  assert.equal(await field.getAttribute("passwordrules"), "minlength: 15; maxlength: 128;");
});

test("a common password is rejected with a reason, and the service's limits apply", async (t) => {
  const page = await openPage(t, browser, mailkey);
  await page.goto(await mailkey.newLink("alice@example.com"));
  const field = page.getByLabel("New password", { exact: true });
  await field.fill("111222333444555");
  await page.keyboard.press("Enter");
  await page.getByText("This password is on a list of common passwords that attackers try first.").waitFor();
  // The minimum length may have changed since the pages were built.
  await page.route("**/api/redeem-token", (route) =>
    route.fulfill({ status: 422, json: { code: "weak-password", reasons: [{ code: "too_short", detail: "Nope.", limit: 20 }] } }),
  );
  await field.fill("fifteen letters");
  await page.keyboard.press("Enter");
  await page.getByText("The password must have at least 20 characters.").waitFor();
  assert.equal(await page.locator("[data-strength]").innerText(), "15 of 20 characters. 5 more to go.");
  await check(page, "limit-of-the-service");
});

test("an unknown reason from the service is still shown", async (t) => {
  const page = await openPage(t, browser, mailkey);
  await page.goto(await mailkey.newLink("alice@example.com"));
  await page.route("**/api/redeem-token", (route) =>
    route.fulfill({ status: 422, json: { code: "weak-password", reasons: [{ code: "too_\"new", detail: "Not on Mondays." }] } }),
  );
  await page.getByLabel("New password", { exact: true }).fill(GOOD);
  await page.keyboard.press("Enter");
  await page.getByText("Not on Mondays.").waitFor();
});

test("a form shows that it is waiting, and can't be sent twice", async (t) => {
  const page = await openPage(t, browser, mailkey);
  let asked = 0;
  let answer;
  await page.route("**/api/forgot-password", (route) => {
    asked++;
    answer = () => route.fulfill({ status: 202, json: { message: "Yes." } });
  });
  await page.goto(`${mailkey.url}/forgot-password/`);
  await page.getByLabel("Email address").fill("sam@example.com");
  await page.keyboard.press("Enter");
  await page.getByRole("button", { name: "Sending…" }).waitFor();
  await page.keyboard.press("Enter");
  assert.equal(await page.locator("[data-ask]").getAttribute("aria-busy"), "true");
  await page.locator("[data-ask] [data-status]").getByText("Sending…").waitFor({ state: "attached" });
  await check(page, "waiting");
  answer();
  await page.waitForURL("**/check-your-mail/");
  assert.equal(asked, 1);
});

test("a new link can be requested on the page of an invalid link", async (t) => {
  const page = await openPage(t, browser, mailkey, { viewport: { width: 320, height: 640 } });
  await page.goto(`${mailkey.url}/es/activate/#token=${"A".repeat(43)}`);
  await page.getByLabel("Contraseña nueva", { exact: true }).fill(GOOD);
  await page.getByRole("button", { name: "Activar mi cuenta" }).click();
  await page.getByRole("heading", { name: "Enlace no válido" }).waitFor();
  await assertFits(page, "the form for a new link");
  await check(page, "es-invalid");
  await page.getByLabel("Correo electrónico").fill("petra@example.com");
  await page.getByRole("button", { name: "Enviarme un enlace" }).click();
  await page.waitForURL("**/es/check-your-mail/");
});

test("the sign-in page tells locked and inactive users what to do", async (t) => {
  const page = await openPage(t, browser, mailkey);
  await page.goto(`${mailkey.url}/sign-in/`);
  const attempt = async (email) => {
    await page.getByLabel("Email address").fill(email);
    await page.getByLabel("Password", { exact: true }).fill("violet canoe under nine bridges");
    await page.keyboard.press("Enter");
  };
  await mailkey.lock("stranger@example.com");
  await attempt("stranger@example.com");
  const notice = page.locator("[data-sign-in] [data-notice]");
  await notice.getByText(/Try again in 1\d minutes\. The lock ends at \d\d:\d\d/).waitFor();
  await notice.getByText(/ask your administrator to unlock you/).waitFor();
  assert.ok(await notice.evaluate((element) => element === document.activeElement), "the notice has the focus");
  await check(page, "locked-until");
  const american = await openPage(t, browser, mailkey, { locale: "en-US" });
  await american.goto(`${mailkey.url}/sign-in/`);
  await american.getByLabel("Email address").fill("stranger@example.com");
  await american.getByLabel("Password", { exact: true }).fill("violet canoe under nine bridges");
  await american.keyboard.press("Enter");
  await american.getByText(/The lock ends at \d{1,2}:\d\d\s[AP]M/).waitFor();
  await attempt("ivan@example.com");
  await notice.getByText("Your account isn’t active.").waitFor();
  await notice.getByRole("link", { name: "support@example.com" }).waitFor();
});

test("password managers find the page for changing a password", async () => {
  const response = await fetch(`${mailkey.url}/.well-known/change-password`, { redirect: "manual" });
  assert.equal(response.status, 302);
  assert.equal(response.headers.get("location"), "/forgot-password/");
  const probe = "/.well-known/resource-that-should-not-exist-whose-status-code-should-not-be-200";
  assert.equal((await fetch(mailkey.url + probe)).status, 404);
});

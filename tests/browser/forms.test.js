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
  // The smaller of the typed and the NFKC-normalised length, in code points: neither a ligature nor an accent adds to it.
  assert.deepEqual(["🔑🔑🔑", "ﬁ", "e\u0301"].map(lengthOf), [3, 1, 1]);
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

const typo = readFileSync(new URL("../../docs-site/assets/typo.js", import.meta.url), "utf8");
const { suggestionFor } = await import(`data:text/javascript,${encodeURIComponent(typo)}`);

test("a mistyped provider is recognised, and a real domain is left alone", () => {
  for (const [typed, meant] of [
    ["alice@gmial.com", "alice@gmail.com"],
    ["Alice.B+x@GMAIL.CON", "Alice.B+x@gmail.com"],
    [" alice@gmailcom ", "alice@gmail.com"],
    ["alice@gmail.co", "alice@gmail.com"],
    ["alice@hotmial.co.uk", "alice@hotmail.co.uk"],
    ["alice@hotmail.co", "alice@hotmail.com"],
    ["alice@outlok.de", "alice@outlook.de"],
    ["alice@t-onlien.de", "alice@t-online.de"],
    ["alice@company.con", "alice@company.com"],
    ["alice@yaho.fr", "alice@yahoo.fr"],
    ["alice@web.ded", "alice@web.de"],
  ]) {
    assert.equal(suggestionFor(typed), meant, typed);
  }
  for (const real of [
    "gmail.com", "mail.com", "email.com", "gmx.com", "ymail.com", "fastmail.fm", "hushmail.com", "hotmail.be", "outlook.at", "outlook.com.br", "yahoo.co.jp",
    "protonmail.ch", "live.nl", "company.co", "startup.om", "shop.cm", "example.com", "me.com", "aol.fr", "range.fr", "gmx", "", "web.at",
  ]) {
    assert.equal(suggestionFor(`alice@${real}`), null, real);
  }
  for (const text of ["", "@", "@gmial.com", "gmial.com", "alice"]) assert.equal(suggestionFor(text), null, text);
});

test("the forms offer to correct a mistyped address, without asking anyone", async (t) => {
  const page = await openPage(t, browser, mailkey, { viewport: PHONE });
  const asked = [];
  page.on("request", (request) => request.url().includes("/api/") && asked.push(request.url()));
  for (const [path, name] of [["/forgot-password/", "Email address"], ["/sign-in/", "Email address"], ["/ar/sign-in/", "البريد الإلكتروني"]]) {
    await page.goto(mailkey.url + path);
    const field = page.getByLabel(name);
    await field.fill("alice@gmial.com");
    await field.blur();
    const offer = page.locator("[data-suggest] button");
    await offer.waitFor();
    assert.match(await offer.innerText(), /alice@gmail\.com/);
    await check(page, `suggestion-${path.replaceAll("/", "")}`);
    await offer.click();
    assert.equal(await field.inputValue(), "alice@gmail.com");
    assert.equal(await offer.isVisible(), false);
  }
  assert.deepEqual(asked, []);
});

/** Waits until the page's script has filled in the address. */
const filled = (page, address) => page.waitForFunction((address) => document.querySelector("input[type=email]")?.value === address, address);

test("the typed address is carried along, and the email can be sent again after a pause", async (t) => {
  const page = await openPage(t, browser, mailkey);
  await page.clock.install();
  await page.goto(`${mailkey.url}/sign-in/`);
  await page.getByLabel("Email address").fill("alice@gmial.com");
  await page.getByRole("link", { name: "Forgot your password?" }).click();
  await page.waitForURL("**/forgot-password/");
  const field = page.getByLabel("Email address");
  await filled(page, "alice@gmial.com");
  assert.ok(await field.evaluate((element) => element === document.activeElement), "the only field has the focus");
  await page.getByRole("button", { name: "Send me a link" }).click();
  await page.waitForURL("**/check-your-mail/");
  await page.getByText("You entered alice@gmial.com").waitFor();
  await page.getByText("Did you mean alice@gmail.com?").waitFor();
  const again = page.locator("[data-again] button");
  await page.getByRole("button", { name: /^Send it again in (\d\d seconds|1 minute)$/ }).waitFor();
  assert.ok(await again.isDisabled());
  await check(page, "send-again-waits");
  await page.reload();
  assert.ok(await again.isDisabled(), "a reload doesn't end the pause");
  await page.clock.fastForward(61_000);
  await page.getByRole("button", { name: "Send it again", exact: true }).click();
  await page.getByText("We’ve passed on your request again.").waitFor();
  await page.getByRole("button", { name: /^Send it again in/ }).waitFor();
  await check(page, "sent-again");
  await page.getByRole("link", { name: "Change it" }).click();
  await page.waitForURL("**/forgot-password/");
  await filled(page, "alice@gmial.com");
});

test("an error disappears when the user corrects the field", async (t) => {
  const page = await openPage(t, browser, mailkey);
  await page.goto(`${mailkey.url}/forgot-password/`);
  const field = page.getByLabel("Email address");
  await page.keyboard.press("Enter");
  await page.getByText("Enter your email address.").waitFor();
  await page.keyboard.type("a");
  assert.equal(await page.getByText("Enter your email address.").isVisible(), false);
  assert.equal(await field.getAttribute("aria-invalid"), null);
});

test("password managers can save the new password under the address", async (t) => {
  const page = await openPage(t, browser, mailkey);
  await page.goto(await mailkey.newLink("alice@example.com"));
  const field = page.getByLabel("New password", { exact: true });
  assert.ok(await field.evaluate((element) => element === document.activeElement), "the field has the focus");
  const username = page.locator("input[autocomplete=username][name=username]");
  assert.equal(await username.getAttribute("tabindex"), "-1");
  let body;
  await page.route("**/api/redeem-token", (route) => {
    body = route.request().postDataJSON();
    return route.continue();
  });
  // As a password manager would.
  await username.evaluate((element) => (element.value = "alice@example.com"));
  await field.fill(GOOD);
  await page.keyboard.press("Enter");
  await page.getByRole("heading", { name: "Your password has been changed" }).waitFor();
  assert.deepEqual(Object.keys(body), ["token", "new_password"]);
  await page.getByRole("main").getByRole("link", { name: "Sign in" }).click();
  await filled(page, "alice@example.com");
});

test("password managers find the page for changing a password", async () => {
  const response = await fetch(`${mailkey.url}/.well-known/change-password`, { redirect: "manual" });
  assert.equal(response.status, 302);
  assert.equal(response.headers.get("location"), "/forgot-password/");
  const probe = "/.well-known/resource-that-should-not-exist-whose-status-code-should-not-be-200";
  assert.equal((await fetch(mailkey.url + probe)).status, 404);
});

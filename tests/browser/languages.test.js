// The public pages in other languages than English: choosing a language, and complete journeys.

import assert from "node:assert/strict";
import { test } from "node:test";
import { DESK, openPage, picture } from "./support/browser.js";
import { start } from "./support/start.js";

const PASSWORD = "seven lamps on a quiet pier";
const TOKEN = `#token=${"A".repeat(43)}`;

/** The texts that German and Arabic users see and click. */
const GERMAN = {
  browser: "de-DE",
  choose: "Neues Passwort wählen",
  field: "Neues Passwort",
  save: "Neues Passwort speichern",
  short: "Das Passwort muss mindestens 15 Zeichen haben.",
  changed: "Ihr Passwort wurde geändert",
  signIn: "Anmelden",
  email: "E-Mail-Adresse",
  password: "Passwort",
  wrong: "Die E-Mail-Adresse oder das Passwort stimmt nicht.",
  signedIn: "Sie sind angemeldet",
  signOut: "Abmelden",
  signedOut: "Sie sind abgemeldet.",
  forgot: "Ich habe mein Passwort vergessen",
  ask: "Link anfordern",
  asked: "Sehen Sie in Ihr Postfach",
  entered: "Ist das richtig geschrieben?",
};
const ARABIC = {
  browser: "ar-EG",
  choose: "اختيار كلمة مرور جديدة",
  field: "كلمة المرور الجديدة",
  save: "حفظ كلمة المرور الجديدة",
  short: "يجب ألا يقل عدد أحرف كلمة المرور عن 15.",
  changed: "تم تغيير كلمة المرور",
  signIn: "تسجيل الدخول",
  email: "البريد الإلكتروني",
  password: "كلمة المرور",
  wrong: "عنوان البريد الإلكتروني أو كلمة المرور غير صحيح.",
  signedIn: "تم تسجيل الدخول",
  signOut: "تسجيل الخروج",
  signedOut: "تم تسجيل الخروج.",
  forgot: "نسيت كلمة المرور",
  ask: "أرسلوا إليّ رابطًا",
  asked: "تفقّد بريدك",
  entered: "هل كتبته بشكل صحيح؟",
};

const { mailkey, browser } = await start();

for (const [name, words, address] of [["German", GERMAN, "alice@example.com"], ["Arabic", ARABIC, "gwen@gmial.com"]]) {
  test(`a user recovers an account entirely in ${name}`, async (t) => {
    const language = words.browser.slice(0, 2);
    const page = await openPage(t, browser, mailkey, { locale: words.browser });
    await page.goto(`${mailkey.url}/`);
    await page.getByRole("link", { name: words.forgot }).click();
    await page.waitForURL(`**/${language}/forgot-password/`);
    await page.getByLabel(words.email).fill(address);
    await page.getByRole("button", { name: words.ask }).click();
    await page.waitForURL(`**/${language}/check-your-mail/`);
    await page.getByRole("heading", { name: words.asked }).waitFor();
    await page.getByText(words.entered).waitFor();
    await picture(page, `${language}-1-asked`);

    // The link in the email has no language.
    await page.goto(await mailkey.newLink(address));
    assert.equal(page.url(), `${mailkey.url}/reset-password/`, "the secret is removed from the URL, which is otherwise unchanged");
    assert.equal(await page.locator("html").getAttribute("lang"), language);
    await page.getByRole("heading", { name: words.choose }).waitFor();
    const field = page.getByLabel(words.field, { exact: true });
    await field.fill("short");
    await page.getByRole("button", { name: words.save }).click();
    await page.getByText(words.short).waitFor();
    assert.doesNotMatch(await page.locator("main").innerText(), /password|must/i, "the page contains no English");
    await picture(page, `${language}-2-refused`);
    await field.fill(PASSWORD);
    await page.getByRole("button", { name: words.save }).click();
    await page.getByRole("heading", { name: words.changed }).waitFor();
    await picture(page, `${language}-3-changed`);

    await page.getByRole("main").getByRole("link", { name: words.signIn }).click();
    await page.waitForURL(`**/${language}/sign-in/`);
    const signIn = async (password) => {
      await page.getByLabel(words.email).fill(address);
      await page.getByLabel(words.password, { exact: true }).fill(password);
      await page.getByRole("main").getByRole("button", { name: words.signIn, exact: true }).click();
    };
    await signIn("not this one");
    await page.getByText(words.wrong).waitFor();
    await signIn(PASSWORD);
    await page.getByRole("heading", { name: words.signedIn }).waitFor();
    await picture(page, `${language}-4-signed-in`);
    await page.getByRole("button", { name: words.signOut }).click();
    await page.getByText(words.signedOut).waitFor();
  });
}

test("right-to-left pages are mirrored", async (t) => {
  const page = await openPage(t, browser, mailkey, { viewport: DESK });
  await page.goto(`${mailkey.url}/ar/reset-password/${TOKEN}`);
  const middle = async (selector) => {
    const { x, width } = await page.locator(selector).boundingBox();
    return x + width / 2;
  };
  assert.ok((await middle(".brand")) > DESK.width / 2, "the name of the portal");
  assert.ok((await middle(".top .sign-in")) < DESK.width / 2, "the last link of the navigation");
  assert.ok((await middle("[data-reveal]")) < (await middle("#new-password")), "the button next to the field");
  await page.goto(`${mailkey.url}/ar/sign-in/`);
  assert.equal(await page.locator("#email").evaluate((field) => getComputedStyle(field).direction), "ltr", "addresses aren't mirrored");
});

test("right-to-left pages can be used with the keyboard", async (t) => {
  const page = await openPage(t, browser, mailkey, { locale: "ar" });
  await page.goto(await mailkey.newLink("alice@example.com"));
  const reach = async (selector) => {
    for (let presses = 0; presses < 40; presses++) {
      if (await page.evaluate((selector) => document.activeElement.matches(selector), selector)) return;
      await page.keyboard.press("Tab");
    }
    throw new Error(`${selector} is not reachable with Tab`);
  };
  await reach("#new-password");
  await page.keyboard.type(PASSWORD);
  await reach("[data-reveal]");
  await page.keyboard.press("Space");
  assert.equal(await page.locator("#new-password").getAttribute("type"), "text");
  await reach("[data-choose] [type=submit]");
  await page.keyboard.press("Enter");
  await page.getByRole("heading", { name: ARABIC.changed }).waitFor();
  assert.equal(await page.evaluate(() => document.activeElement.textContent), ARABIC.changed, "the result has the focus");
  await reach("main a.button");
  await page.keyboard.press("Enter");
  await page.waitForURL("**/ar/sign-in/");
});

test("a language can be chosen with a link, and the choice is kept", async (t) => {
  const page = await openPage(t, browser, mailkey, { locale: "de-DE" });
  await page.goto(`${mailkey.url}/guide/`);
  await page.getByRole("contentinfo").getByRole("link", { name: "English" }).click();
  await page.waitForURL("**/en/guide/");
  await page.getByRole("heading", { level: 1, name: "Why the email didn’t arrive" }).waitFor();
  await page.getByRole("navigation", { name: "Main" }).getByRole("link", { name: "FAQ" }).click();
  await page.waitForURL("**/en/faq/");
  await page.getByRole("searchbox").fill("bounce");
  await page.keyboard.press("Enter");
  await page.waitForURL("**/en/search/**");
  await page.locator("[data-found] a[href^='/en/guide/']").first().waitFor();
  await page.getByRole("contentinfo").getByRole("link", { name: "العربية" }).click();
  await page.waitForURL("**/ar/search/");
  assert.equal(await page.locator("html").getAttribute("dir"), "rtl");
});

test("search finds pages of the current language, with or without accents", async (t) => {
  const page = await openPage(t, browser, mailkey);
  for (const [language, query, path] of [
    ["de", "quarantane", "/de/guide/"],
    ["fr", "verrouille", "/fr/faq/"],
    ["es", "contraseña olvidada", "/es/"],
    ["ar", "الحساب مقفل", "/ar/faq/"],
  ]) {
    await page.goto(`${mailkey.url}/${language}/search/`);
    await page.getByRole("searchbox").fill(query);
    await page.locator(`[data-found] a[href^="${path}"]`).first().waitFor();
    const found = await page.locator("[data-found] a").evaluateAll((links) => links.map((link) => link.pathname));
    assert.ok(found.every((pathname) => pathname.startsWith(`/${language}/`)), `${query}: ${found}`);
    const elsewhere = page.locator("[data-elsewhere]");
    assert.equal(new URL(await elsewhere.evaluate((link) => link.href)).searchParams.get("q"), query);
  }
});

test("the duration of a lock is shown in the user's language and digits", async (t) => {
  const page = await openPage(t, browser, mailkey, { timezoneId: "UTC" });
  await mailkey.lock("stranger@example.com");
  for (const [language, wait, until] of [
    ["de", /Versuchen Sie es in 1\d Minuten noch einmal/, /Die Sperre endet um \d\d:\d\d Uhr/],
    ["fr", /Réessayez dans 1\d minutes/, /prend fin à \d\d:\d\d/],
    ["es", /Vuelva a intentarlo dentro de 1\d minutos/, /termina a las \d{1,2}:\d\d/],
    ["ar", /حاول مجددًا بعد 1\d دقيقة/, /ينتهي القفل الساعة \d{1,2}:\d\d/],
  ]) {
    await page.goto(`${mailkey.url}/${language}/sign-in/`);
    await page.locator("#email").fill("stranger@example.com");
    await page.locator("#password").fill("violet canoe under nine bridges");
    await page.keyboard.press("Enter");
    const notice = page.locator("[data-sign-in] [data-notice]");
    await notice.getByText(wait).waitFor();
    assert.match((await notice.innerText()).replace(/\p{Cf}/gu, ""), until);
    await picture(page, `${language}-locked`);
    await notice.getByRole("link").click();
    await page.waitForURL(`**/${language}/forgot-password/`);
  }
});

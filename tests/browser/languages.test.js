// The public pages in every language: found, readable, and the whole way back in.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { DESK, PHONE, assertAccessible, assertFits, launch, openPage, picture } from "./support/browser.js";
import { startMailkey } from "./support/mailkey.js";

const LANGUAGES = ["en", "de", "fr", "es", "ar"];
const NARROW = { width: 320, height: 640 };
const PASSWORD = "seven lamps on a quiet pier";
const TOKEN = `#token=${"A".repeat(43)}`;

/** What a reader of German and of Arabic sees and presses. */
const GERMAN = {
  browser: "de-DE",
  choose: "Neues Passwort wählen",
  field: "Neues Passwort",
  save: "Neues Passwort speichern",
  short: "Das Passwort muss mindestens 15 Zeichen haben.",
  changed: "Ihr Passwort ist geändert",
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

let mailkey;
let browser;
before(async () => {
  [mailkey, browser] = await Promise.all([startMailkey(), launch()]);
});
after(async () => {
  await browser?.close();
  mailkey?.stop();
});

for (const [name, words, address] of [["German", GERMAN, "alice@example.com"], ["Arabic", ARABIC, "gwen@gmial.com"]]) {
  test(`a reader of ${name} gets back in without meeting another language`, async (t) => {
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

    // The link in the mail names no language.
    await page.goto(await mailkey.newLink(address));
    assert.equal(page.url(), `${mailkey.url}/reset-password/`, "the secret has left the address bar, which else is as it was");
    assert.equal(await page.locator("html").getAttribute("lang"), language);
    await page.getByRole("heading", { name: words.choose }).waitFor();
    const field = page.getByLabel(words.field, { exact: true });
    await field.fill("short");
    await page.getByRole("button", { name: words.save }).click();
    await page.getByText(words.short).waitFor();
    assert.doesNotMatch(await page.locator("main").innerText(), /password|must/i, "no English in it");
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

/** What has a shape of its own. */
const PAGES = {
  home: "/",
  "forgot-password": "/forgot-password/",
  "check-your-mail": "/check-your-mail/",
  "reset-password": `/reset-password/${TOKEN}`,
  "without-link": "/reset-password/",
  activate: `/activate/${TOKEN}`,
  "sign-in": "/sign-in/",
  guide: "/guide/",
  questions: "/faq/",
  "walk-through": "/help/no-email/",
  search: "/search/?q=example",
  missing: "/no-such-page/",
};

/** What every-page.test.mjs does not come by: it follows the map of the site. */
const UNLISTED = ["check-your-mail", "reset-password", "without-link", "activate", "search", "missing"];

for (const language of LANGUAGES) {
  test(`what no map leads to is accessible in each look, and all of it fits on 320 pixels: ${language}`, async (t) => {
    const page = await openPage(t, browser, mailkey, { reducedMotion: "reduce" });
    // That a page is missing is noted by the browser.
    page.removeAllListeners("console");
    for (const [name, path] of Object.entries(PAGES)) {
      await page.goto("about:blank");
      await page.goto(`${mailkey.url}/${language}${path}`);
      assert.equal(await page.locator("html").getAttribute("lang"), language, path);
      for (const viewport of [NARROW, DESK]) {
        await page.setViewportSize(viewport);
        for (const colorScheme of ["light", "dark"]) {
          await page.emulateMedia({ colorScheme });
          const what = `${language}-${name}-${colorScheme}-${viewport.width}`;
          const rules = colorScheme === "dark" || viewport === DESK ? ["color-contrast", "link-in-text-block"] : undefined;
          if (UNLISTED.includes(name)) await assertAccessible(page, what, { rules });
          await assertFits(page, what);
          await picture(page, what);
        }
      }
    }
  });
}

test("with text of twice the size nothing is lost, in any language", async (t) => {
  const page = await openPage(t, browser, mailkey, { viewport: PHONE });
  for (const language of LANGUAGES) {
    for (const [name, path] of Object.entries(PAGES)) {
      await page.goto("about:blank");
      await page.goto(`${mailkey.url}/${language}${path}`);
      // As the setting of a browser does: everything is measured in it.
      await page.evaluate(() => (document.documentElement.style.fontSize = "200%"));
      await assertFits(page, `${language}-${name} at 200 %`);
      const cut = await page.evaluate(() => {
        const seen = [...document.querySelectorAll("main button, main a, main p, main label, main li")].filter((element) => element.checkVisibility());
        return seen.filter(({ scrollWidth, clientWidth, clientHeight }) => clientHeight > 1 && scrollWidth > clientWidth + 1).map((element) => element.outerHTML);
      });
      assert.deepEqual(cut, [], `${language}-${name} at 200 %`);
      await picture(page, `${language}-${name}-200-percent`);
    }
  }
});

test("right to left is right to left: what begins a line stands at the right", async (t) => {
  const page = await openPage(t, browser, mailkey, { viewport: DESK });
  await page.goto(`${mailkey.url}/ar/reset-password/${TOKEN}`);
  const middle = async (selector) => {
    const { x, width } = await page.locator(selector).boundingBox();
    return x + width / 2;
  };
  assert.ok((await middle(".brand")) > DESK.width / 2, "the name of the portal");
  assert.ok((await middle(".top .sign-in")) < DESK.width / 2, "the last link of the navigation");
  assert.ok((await middle("[data-reveal]")) < (await middle("#new-password")), "the button behind the field");
  await page.goto(`${mailkey.url}/ar/sign-in/`);
  assert.equal(await page.locator("#email").evaluate((field) => getComputedStyle(field).direction), "ltr", "an address is not mirrored");
});

test("a language is chosen by a link, and the choice lasts", async (t) => {
  const page = await openPage(t, browser, mailkey, { locale: "de-DE" });
  await page.goto(`${mailkey.url}/guide/`);
  await page.getByRole("contentinfo").getByRole("link", { name: "English" }).click();
  await page.waitForURL("**/en/guide/");
  await page.getByRole("heading", { level: 1, name: "Why the email didn’t arrive" }).waitFor();
  await page.getByRole("navigation", { name: "Main" }).getByRole("link", { name: "Questions" }).click();
  await page.waitForURL("**/en/faq/");
  await page.getByRole("searchbox").fill("bounce");
  await page.keyboard.press("Enter");
  await page.waitForURL("**/en/search/**");
  await page.locator("[data-found] a[href^='/en/guide/']").first().waitFor();
  await page.getByRole("contentinfo").getByRole("link", { name: "العربية" }).click();
  await page.waitForURL("**/ar/search/");
  assert.equal(await page.locator("html").getAttribute("dir"), "rtl");
});

test("each language is searched in its own pages, with or without its accents", async (t) => {
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

test("how long a lock lasts is said in the reader's language and digits", async (t) => {
  const page = await openPage(t, browser, mailkey, { timezoneId: "UTC" });
  await mailkey.lock("stranger@example.com");
  for (const [language, wait, until] of [
    ["de", /Versuchen Sie es in 1\d Minuten noch einmal/, /Die Sperre endet um \d\d:\d\d Uhr/],
    ["fr", /Réessayez dans 1\d minutes/, /prend fin à \d\d:\d\d/],
    ["es", /Vuelva a intentarlo dentro de 1\d minutos/, /termina a las \d{1,2}:\d\d/],
    ["ar", /حاول مجددًا خلال 1\d دقيقة/, /ينتهي القفل الساعة \d{1,2}:\d\d/],
  ]) {
    await page.goto(`${mailkey.url}/${language}/sign-in/`);
    await page.locator("#email").fill("stranger@example.com");
    await page.locator("#password").fill("correct horse battery staple");
    await page.keyboard.press("Enter");
    const notice = page.locator("[data-sign-in] [data-notice]");
    await notice.getByText(wait).waitFor();
    assert.match((await notice.innerText()).replace(/\p{Cf}/gu, ""), until);
    await picture(page, `${language}-locked`);
    await notice.getByRole("link").click();
    await page.waitForURL(`**/${language}/forgot-password/`);
  }
});

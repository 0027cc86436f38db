// How the public pages look in every language: accessible in light and dark, on 320 pixels, and with text of twice the size.

import assert from "node:assert/strict";
import { test } from "node:test";
import { DESK, PHONE, assertAccessible, assertFits, openPage, picture } from "./support/browser.js";
import { start } from "./support/start.js";

const LANGUAGES = ["en", "de", "fr", "es", "ar"];
const NARROW = { width: 320, height: 640 };
const TOKEN = `#token=${"A".repeat(43)}`;

const { mailkey, browser } = await start();

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

/** Each scheme and width, with the rules of axe that can find something which the first look did not. */
const LOOKS = [
  { viewport: NARROW, colorScheme: "light" },
  { viewport: NARROW, colorScheme: "dark", rules: ["color-contrast"] },
  { viewport: DESK, colorScheme: "dark", rules: ["color-contrast"] },
  { viewport: DESK, colorScheme: "light", rules: ["color-contrast", "target-size"] },
];

for (const language of LANGUAGES) {
  test(`what no map leads to is accessible in each look, and all of it fits on 320 pixels: ${language}`, async (t) => {
    const page = await openPage(t, browser, mailkey, { reducedMotion: "reduce" });
    // That a page is missing is noted by the browser.
    page.removeAllListeners("console");
    for (const [name, path] of Object.entries(PAGES)) {
      // With and without a secret in its fragment it is the same page, and would not be loaded again.
      if (path.startsWith("/reset-password/")) await page.goto("about:blank");
      await page.goto(`${mailkey.url}/${language}${path}`);
      assert.equal(await page.locator("html").getAttribute("lang"), language, path);
      for (const { viewport, colorScheme, rules } of UNLISTED.includes(name) ? LOOKS : LOOKS.slice(0, 1)) {
        await page.setViewportSize(viewport);
        await page.emulateMedia({ colorScheme });
        const what = `${language}-${name}-${colorScheme}-${viewport.width}`;
        if (UNLISTED.includes(name)) await assertAccessible(page, what, { rules });
        await assertFits(page, what);
        await picture(page, what);
      }
    }
  });
}

test("with text of twice the size nothing is lost, in any language", async (t) => {
  const page = await openPage(t, browser, mailkey, { viewport: PHONE });
  for (const language of LANGUAGES) {
    for (const name of ["home", "forgot-password", "reset-password", "sign-in", "guide", "walk-through"]) {
      await page.goto(`${mailkey.url}/${language}${PAGES[name]}`);
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

// The public pages in every language: accessible in light and dark mode, at 320 pixels, and with text at 200%.

import assert from "node:assert/strict";
import { test } from "node:test";
import { DESK, PHONE, assertAccessible, assertFits, openPage, picture } from "./support/browser.js";
import { start } from "./support/start.js";

const LANGUAGES = ["en", "de", "fr", "es", "ar"];
const NARROW = { width: 320, height: 640 };
const TOKEN = `#token=${"A".repeat(43)}`;

const { mailkey, browser } = await start();

/** One page of each layout. */
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

/** Pages that every-page.test.mjs doesn't cover, because they aren't in the sitemap. */
const UNLISTED = ["check-your-mail", "reset-password", "without-link", "activate", "search", "missing"];

/** Each scheme and width, with the axe rules that could find more than the first run. */
const LOOKS = [
  { viewport: NARROW, colorScheme: "light" },
  { viewport: NARROW, colorScheme: "dark", rules: ["color-contrast"] },
  { viewport: DESK, colorScheme: "dark", rules: ["color-contrast"] },
  { viewport: DESK, colorScheme: "light", rules: ["color-contrast", "target-size"] },
];

for (const language of LANGUAGES) {
  test(`pages outside the sitemap are accessible, and every layout fits into 320 pixels: ${language}`, async (t) => {
    const page = await openPage(t, browser, mailkey, { reducedMotion: "reduce" });
    // The browser logs the missing page.
    page.removeAllListeners("console");
    for (const [name, path] of Object.entries(PAGES)) {
      // A change of the fragment alone wouldn't reload the page.
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

test("with text at 200%, nothing is cut off in any language", async (t) => {
  const page = await openPage(t, browser, mailkey, { viewport: PHONE });
  for (const language of LANGUAGES) {
    for (const name of ["home", "forgot-password", "reset-password", "sign-in", "guide", "walk-through"]) {
      await page.goto(`${mailkey.url}/${language}${PAGES[name]}`);
      // The same effect as the browser's font size setting.
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

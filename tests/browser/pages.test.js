// The pages outside the sitemap are accessible and nothing is cut off, in light and dark mode, on a phone and on a
// desktop. Also for all pages: titles, links and forms with the keyboard.

import assert from "node:assert/strict";
import { test } from "node:test";
import { DESK, PHONE, assertAccessible, assertFits, openPage, picture } from "./support/browser.js";
import { start } from "./support/start.js";

const { mailkey, browser } = await start();
await mailkey.newLink("alice@example.com");
const [mail] = await mailkey.outbox("alice@example.com");

const pages = () => ({
  home: "/",
  guide: "/guide/",
  questions: "/faq/",
  "forgot-password": "/forgot-password/",
  "check-your-mail": "/check-your-mail/",
  "reset-password": `/reset-password/#token=${"A".repeat(43)}`,
  "reset-password-without-link": "/reset-password/",
  activate: `/activate/#token=${"A".repeat(43)}`,
  "sign-in": "/sign-in/",
  messages: "/problems/",
  "invalid-token-explained": "/problems/invalid-token/",
  "account-locked-explained": "/problems/account-locked/",
  outbox: "/_local/outbox/",
  mail: `/_local/outbox/${mail.id}/`,
  emails: "/_local/emails/name/",
  "email-in-its-looks": "/_local/emails/name/en/password_reset.self_service/",
});

/** Pages that every-page.test.mjs covers: all that need neither a secret nor an email. */
const MAPPED = /^\/(?!_local\/)[^#]*$/;

/** Known axe findings. This list may only shrink. */
const EXEMPT = {
  // The outbox reloads itself to show new emails.
  outbox: ["meta-refresh"],
};

/** An email needs no landmarks: the mail program shows it inside its own page. */
const NO_PAGE = ["landmark-one-main", "region"];

for (const colorScheme of ["light", "dark"]) {
  for (const viewport of [PHONE, DESK]) {
    test(`password forms, the outbox and the gallery are accessible in ${colorScheme} mode and fit into ${viewport.width} pixels`, async (t) => {
      const page = await openPage(t, browser, mailkey, { colorScheme, viewport, reducedMotion: "reduce" });
      for (const [name, path] of Object.entries(pages()).filter(([, path]) => !MAPPED.test(path))) {
        await page.goto("about:blank");
        await page.goto(mailkey.url + path);
        const what = `${name}-${colorScheme}-${viewport.width}`;
        await assertAccessible(page, what, { exempt: EXEMPT[name] });
        await assertFits(page, what);
        await picture(page, what);
      }
    });

    test(`the email itself is accessible in ${colorScheme} mode at ${viewport.width} pixels`, async (t) => {
      const page = await openPage(t, browser, mailkey, { colorScheme, viewport });
      // Shown as in a mail program. In the outbox it is in a sandbox, which axe can't inspect.
      await page.setContent(mail.html);
      await assertAccessible(page, `mail-html-${colorScheme}-${viewport.width}`, { exempt: NO_PAGE });
      await assertFits(page, "the email");
      await picture(page, `mail-html-${colorScheme}-${viewport.width}`);
    });
  }
}

test("every page has a unique title, one heading and a language", async (t) => {
  const page = await openPage(t, browser, mailkey);
  const titles = [];
  for (const path of Object.values(pages())) {
    await page.goto("about:blank");
    await page.goto(mailkey.url + path);
    titles.push(await page.title());
    assert.equal(await page.locator("html").getAttribute("lang"), "en", path);
    assert.equal(await page.locator("h1:visible").count(), 1, path);
  }
  assert.deepEqual(titles, [...new Set(titles)]);
});

test("every link leads to an existing page and anchor", async (t) => {
  const page = await openPage(t, browser, mailkey);
  const targets = new Set();
  for (const path of Object.values(pages()).filter((path) => !path.startsWith("/_local/"))) {
    await page.goto(mailkey.url + path);
    const hrefs = await page.locator("a[href]").evaluateAll((links) => links.map((link) => link.href));
    hrefs.filter((href) => href.startsWith(mailkey.url)).forEach((href) => targets.add(href));
  }
  for (const target of targets) {
    const { pathname, hash } = new URL(target);
    const response = await mailkey.ask("GET", pathname);
    assert.equal(response.status, 200, target);
    if (hash) assert.ok((await response.text()).includes(`id="${decodeURIComponent(hash.slice(1))}"`), target);
  }
});

test("every form can be used with the keyboard, with a visible focus", async (t) => {
  const page = await openPage(t, browser, mailkey);
  await mailkey.advanceClock(2 * 3600 * 1000);
  await page.goto(`${mailkey.url}/sign-in/`);
  const seen = await tabUntil(page, "email");
  assert.equal(seen[0], "Skip to content");
  await page.goto(`${mailkey.url}/forgot-password/`);
  assert.deepEqual(await tabUntil(page, "ask-email"), [], "the only field has the focus");
  await page.keyboard.type("alice@example.com");
  await page.keyboard.press("Enter");
  await page.waitForURL("**/check-your-mail/");

  await page.goto(await mailkey.newLink("alice@example.com"));
  await tabUntil(page, "new-password");
  await page.keyboard.type("short");
  await page.keyboard.press("Tab");
  await page.keyboard.press("Space");
  assert.equal(await page.locator("#new-password").getAttribute("type"), "text", "the button shows the password");
  await page.keyboard.press("Tab");
  await page.keyboard.press("Enter");
  await page.getByText("The password must have at least 15 characters.").waitFor();
  await page.keyboard.press("Control+A");
  await page.keyboard.type("seven lamps on a quiet pier");
  await page.keyboard.press("Enter");
  await page.getByRole("heading", { name: "Your password has been changed" }).waitFor();
  assert.equal(await focused(page), "Your password has been changed", "the result has the focus");
  await page.keyboard.press("Tab");
  assert.equal(await focused(page), "Sign in");
  await page.keyboard.press("Enter");
  await page.waitForURL("**/sign-in/");
  await tabUntil(page, "email");
  await page.keyboard.type("alice@example.com");
  await page.keyboard.press("Tab");
  await page.keyboard.type("seven lamps on a quiet pier");
  await page.keyboard.press("Enter");
  await page.getByRole("heading", { name: "You’re signed in" }).waitFor();
  await page.keyboard.press("Tab");
  assert.equal(await focused(page), "Sign out");
  await page.keyboard.press("Enter");
  await page.getByText("You’re signed out.").waitFor();
});

/** Presses Tab until an element has the focus. Returns the texts of all elements before it, each of which must show its focus. */
async function tabUntil(page, id) {
  const seen = [];
  for (let presses = 0; presses < 40; presses++) {
    const isThere = presses === 0 && (await page.evaluate((id) => document.activeElement.id === id, id));
    if (!isThere) await page.keyboard.press("Tab");
    const { at, visible } = await page.evaluate(() => {
      const element = document.activeElement;
      const { outlineStyle, outlineWidth, boxShadow } = getComputedStyle(element);
      const outlined = outlineStyle !== "none" && parseFloat(outlineWidth) > 0;
      return { at: element.id, visible: outlined || boxShadow !== "none" };
    });
    assert.ok(visible, `the focus isn't visible after ${seen.at(-1)}`);
    if (at === id) return seen;
    seen.push(await focused(page));
  }
  throw new Error(`${id} is not reachable with Tab: ${seen}`);
}

function focused(page) {
  return page.evaluate(() => document.activeElement.textContent.trim().replace(/\s+/g, " "));
}

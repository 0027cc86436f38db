// Requirements for every page: valid HTML, a strict content security policy, accessible in light and dark mode on a
// phone and on a desktop, small, and without scripts if it is only for reading.

import assert from "node:assert/strict";
import { availableParallelism } from "node:os";
import { test } from "node:test";
import { gzipSync } from "node:zlib";
import { DESK, PHONE, assertAccessible, assertFits, openPage, picture } from "./support/browser.js";
import { faultsOf } from "./support/html.js";
import { start } from "./support/start.js";

/**
 * Maximum size of a page for reading, in bytes: compressed, with all assets and headers. Pictures load lazily and have
 * their own limit. The generator's tests apply the same limit before compression.
 */
const READING = 20 * 1024;

/** Interactive pages, which have a script. */
const ACTS = /\/(activate|check-your-mail|forgot-password|reset-password|search|sign-in)\/$/;

/** The script of the buttons that copy code. `docs-site/tests` checks that only pages for developers have it. */
const COPY = /^\/assets\/copy\.\w+\.js$/;

/** Translated pages. They have the structure and the colors of the English ones, so one accessibility run is enough. */
const TRANSLATED = /^\/(ar|de|es|fr)\//;

/** Pages that are reached only from an email, a form or a wrong URL. */
const MISSING = "/no-such-page/";
const HIDDEN = ["/reset-password/", "/activate/", "/check-your-mail/", MISSING];

const CONSOLE = ["", "users/", "user/", "diagnosis/", "email-log/", "email/", "suppressions/", "security-settings/", "audit-log/", "api-keys/", "sender/", "account/"];

const { mailkey, browser } = await start();
const map = await (await mailkey.ask("GET", "/sitemap.xml")).text();
const listed = [...map.matchAll(/<loc>([^<]+)<\/loc>/g)].map(([, url]) => new URL(url).pathname);
const pages = [...listed, ...HIDDEN];
assert.ok(listed.length > 130, `only ${listed.length} pages are in the sitemap`);

test("every page is valid HTML", async (t) => {
  const paths = [...pages, ...CONSOLE.map((path) => `/admin/${path}`)];
  const faults = [];
  for (const path of paths) faults.push(...(await faultsOf(await (await mailkey.ask("GET", path)).text(), path)));
  t.diagnostic(`${paths.length} pages`);
  assert.deepEqual(faults, []);
});

test("every response forbids inline content and content from other sites", async () => {
  for (const path of [...pages, ...CONSOLE.map((path) => `/admin/${path}`)]) {
    const { headers } = await mailkey.ask("GET", path);
    const policy = headers.get("content-security-policy") ?? "";
    assert.match(policy, /default-src 'none'/, path);
    assert.doesNotMatch(policy, /unsafe-|\*|data:|https?:/, path);
    assert.equal(headers.get("x-content-type-options"), "nosniff", path);
  }
});

test("a page for reading transfers at most 20 KB and runs no script but the copy buttons", async (t) => {
  const page = await openPage(t, browser, mailkey);
  page.removeAllListeners("console");
  let asked;
  page.on("request", (request) => asked.set(new URL(request.url()).pathname, request.resourceType()));
  const [most, wire] = [["", 0], ["", 0]];
  for (const path of pages.filter((path) => !ACTS.test(path))) {
    asked = new Map();
    await page.goto(mailkey.url + path);
    let [plain, packed] = [0, 0];
    for (const [asset, type] of asked) {
      assert.ok(["document", "stylesheet", "image", "other"].includes(type) || COPY.test(asset), `${path}: ${asset}`);
      if (asset.endsWith(".webp")) continue;
      // Measured outside the browser, which discards the responses of earlier pages.
      const weight = await weigh(asset);
      plain += weight.plain;
      packed += weight.packed;
    }
    assert.ok(packed > 1000 && packed <= READING, `${path}: ${packed} bytes`);
    if (plain > most[1]) most.splice(0, 2, path, plain);
    if (packed > wire[1]) wire.splice(0, 2, path, packed);
  }
  t.diagnostic(`largest page: ${most[0]}, ${most[1]} bytes uncompressed; ${wire[0]}, ${wire[1]} bytes compressed, with all headers`);
});

/** The size of a response: its body uncompressed, and its body compressed with its headers. */
async function weigh(path) {
  const response = await mailkey.ask("GET", path);
  const body = Buffer.from(await response.arrayBuffer());
  const headers = [...response.headers].map(([name, value]) => `${name}: ${value}\r\n`).join("");
  return { plain: body.length, packed: gzipSync(body).length + headers.length };
}

test("every page is accessible and fits, in light and dark mode, on a phone and on a desktop", async (t) => {
  const queue = [...pages];
  const look = async () => {
    const page = await openPage(t, browser, mailkey, { reducedMotion: "reduce" });
    for (let path = queue.shift(); path; path = queue.shift()) {
      // The browser logs the missing page, as expected.
      if (path === MISSING) page.removeAllListeners("console");
      await page.goto(mailkey.url + path);
      for (const viewport of [DESK, PHONE]) {
        await page.setViewportSize(viewport);
        for (const colorScheme of ["light", "dark"]) {
          await page.emulateMedia({ colorScheme });
          const what = `page${path.replaceAll("/", "-")}${colorScheme}-${viewport.width}`;
          if (!TRANSLATED.test(path) || (viewport === PHONE && colorScheme === "light")) {
            // Light and dark mode differ only in colors.
            await assertAccessible(page, what, { rules: colorScheme === "dark" ? ["color-contrast", "link-in-text-block"] : undefined });
          }
          await assertFits(page, what);
          await picture(page, what);
        }
      }
    }
  };
  await Promise.all(Array.from({ length: availableParallelism() }, look));
});

test("buttons copy the code of pages for developers", async (t) => {
  const page = await openPage(t, browser, mailkey, { permissions: ["clipboard-read", "clipboard-write"] });
  await page.goto(`${mailkey.url}/reference/list-emails/`);
  const code = page.locator("pre").first();
  await code.getByRole("button", { name: "Copy" }).click();
  await code.getByRole("button", { name: "Copied" }).waitFor();
  const copied = await page.evaluate(() => navigator.clipboard.readText());
  assert.match(copied, /^curl -s [^]*\/api\/admin\/email-log"$/);
});

test("the guide, the FAQ and the walk-through work without JavaScript", async (t) => {
  const page = await openPage(t, browser, mailkey, { javaScriptEnabled: false });
  for (const [path, words] of [["/guide/", "It’s in the junk folder"], ["/faq/", "Invalid Token"]]) {
    await page.goto(mailkey.url + path);
    await page.getByRole("heading", { name: words }).first().waitFor();
    for (const link of await page.locator("main a[href^='#']").all()) {
      const id = (await link.getAttribute("href")).slice(1);
      assert.equal(await page.locator(`[id="${id}"]`).count(), 1, `${path}#${id}`);
    }
  }
  // Follow every answer to every question.
  const [seen, ends, ahead] = [new Set(), new Set(), ["/help/no-email/"]];
  for (let path = ahead.pop(); path; path = ahead.pop()) {
    if (seen.has(path)) continue;
    seen.add(path);
    const response = await page.goto(mailkey.url + path);
    assert.equal(response.status(), 200, path);
    const answers = await page.locator("main ul a").evaluateAll((links) => links.map(({ protocol, pathname }) => (protocol === "mailto:" ? "a contact" : pathname)));
    assert.ok(answers.length >= 1, `${path} leads nowhere`);
    for (const answer of answers) answer.startsWith("/help/no-email/") ? ahead.push(answer) : ends.add(answer);
  }
  assert.ok(seen.size >= 8, `only ${seen.size} questions`);
  for (const end of [...ends].filter((end) => end.startsWith("/"))) assert.equal((await page.goto(mailkey.url + end)).status(), 200, end);
  t.diagnostic(`${seen.size} questions lead to ${[...ends].join(", ")}`);
});

test("visiting the pages logs no errors in the browser's console", async (t) => {
  const page = await openPage(t, browser, mailkey);
  const said = [];
  page.on("console", (message) => ["error", "warning"].includes(message.type()) && said.push(`${page.url()}: ${message.text()}`));
  for (const path of ["/", "/guide/", "/search/?q=link", ...pages.filter((path) => ACTS.test(path) && !TRANSLATED.test(path)), "/sign-in/?return=console"]) {
    await page.goto(mailkey.url + path, { waitUntil: "networkidle" });
  }
  // The console needs a session, and sends no API requests without one.
  await page.goto(`${mailkey.url}/admin/users/`);
  await page.waitForURL("**/sign-in/?return=console");
  assert.deepEqual(said, []);
});

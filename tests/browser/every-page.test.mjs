// What holds for every page that there is, whoever wrote it: valid HTML, a strict policy, accessible in light and dark, on
// a phone and at a desk, small, and without a script where it is only read.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { HtmlValidate } from "html-validate";
import { DESK, PHONE, assertAccessible, assertFits, launch, openPage, picture } from "./support/browser.js";
import { startMailkey } from "./support/mailkey.js";

/** What a page that is read may cost in all, over the wire and with its headers, in bytes. Pictures come when one gets to them. */
const READING = 20 * 1024;

/** Pages that do something, and so have a script. */
const ACTS = /\/(activate|check-your-mail|forgot-password|reset-password|search|sign-in)\/$/;

/** Pages that nothing leads to but a mail, a form, or a mistake. */
const HIDDEN = ["/reset-password/", "/activate/", "/check-your-mail/", "/no-such-page/"];

const CONSOLE = ["", "users/", "user/", "diagnosis/", "email-log/", "email/", "suppressions/", "security-settings/", "audit-log/", "api-keys/", "sender/"];

let mailkey;
let browser;
let pages;
before(async () => {
  [mailkey, browser] = await Promise.all([startMailkey(), launch()]);
  const map = await (await mailkey.ask("GET", "/sitemap.xml")).text();
  const listed = [...map.matchAll(/<loc>([^<]+)<\/loc>/g)].map(([, url]) => new URL(url).pathname);
  pages = [...listed, ...HIDDEN];
  assert.ok(listed.length > 130, `only ${listed.length} pages are in the map of the site`);
});
after(async () => {
  await browser?.close();
  mailkey?.stop();
});

test("every page is valid HTML", async (t) => {
  const validator = new HtmlValidate({ extends: ["html-validate:standard"] });
  const faults = [];
  const paths = [...pages, ...CONSOLE.map((path) => `/admin/${path}`)];
  for (const path of paths) {
    const html = await (await mailkey.ask("GET", path)).text();
    const { results } = await validator.validateString(html, path);
    for (const { messages } of results) faults.push(...messages.map(({ line, ruleId, message }) => `${path}:${line}: ${ruleId}: ${message}`));
  }
  t.diagnostic(`${paths.length} pages`);
  assert.deepEqual(faults, []);
});

test("every answer forbids what is inline and what is from elsewhere", async () => {
  for (const path of [...pages, ...CONSOLE.map((path) => `/admin/${path}`)]) {
    const { headers } = await mailkey.ask("GET", path);
    const policy = headers.get("content-security-policy") ?? "";
    assert.match(policy, /default-src 'none'/, path);
    assert.doesNotMatch(policy, /unsafe-|\*|data:|https?:/, path);
    assert.equal(headers.get("x-content-type-options"), "nosniff", path);
  }
});

test("a page that is read costs at most 20 KB over the wire, and runs nothing", async (t) => {
  const page = await openPage(t, browser, mailkey, { viewport: DESK });
  page.removeAllListeners("console");
  const wire = await page.context().newCDPSession(page);
  await wire.send("Network.enable");
  await wire.send("Network.setCacheDisabled", { cacheDisabled: true });
  let kinds;
  let bytes;
  wire.on("Network.responseReceived", ({ requestId, type }) => kinds.set(requestId, type));
  wire.on("Network.loadingFinished", ({ requestId, encodedDataLength }) => bytes.set(requestId, encodedDataLength));
  let most = ["", 0];
  for (const path of pages.filter((path) => !ACTS.test(path))) {
    [kinds, bytes] = [new Map(), new Map()];
    await page.goto(mailkey.url + path, { waitUntil: "networkidle" });
    const photographs = [...kinds].filter(([, type]) => type === "Image").map(([id]) => id);
    assert.ok(![...kinds.values()].some((type) => ["Script", "Fetch", "XHR", "Font"].includes(type)), path);
    const icon = (id) => bytes.get(id) < 2048;
    const total = [...bytes].filter(([id]) => !photographs.includes(id) || icon(id)).reduce((all, [, length]) => all + length, 0);
    assert.ok(total <= READING, `${path}: ${total} bytes`);
    if (total > most[1]) most = [path, total];
  }
  t.diagnostic(`the heaviest is ${most[0]} with ${most[1]} bytes, headers included, uncompressed`);
});

for (const colorScheme of ["light", "dark"]) {
  for (const viewport of [PHONE, DESK]) {
    test(`every page to read is accessible in ${colorScheme} at ${viewport.width} and fits`, async (t) => {
      const page = await openPage(t, browser, mailkey, { colorScheme, viewport, reducedMotion: "reduce" });
      for (const path of pages) {
        if (path === "/no-such-page/") page.removeAllListeners("console");
        await page.goto(mailkey.url + path);
        const what = `page${path.replaceAll("/", "-")}${colorScheme}-${viewport.width}`;
        await assertAccessible(page, what);
        await assertFits(page, what);
        await picture(page, what);
      }
    });
  }
}

// A real browser, and checks for every page that it opens.

import assert from "node:assert/strict";
import { mkdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { chromium } from "playwright-core";

const AXE = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

/** Folder for screenshots, if they are requested. */
const SHOTS = process.env.SHOTS;

export function launch() {
  return chromium.launch({
    executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
    args: ["--no-sandbox", "--disable-background-networking", "--disable-gpu"],
  });
}

/** Long enough for a busy machine, in milliseconds. */
const PATIENCE = 60_000;

/** The window sizes of a phone and a desktop. */
export const PHONE = { width: 390, height: 844 };
export const DESK = { width: 1200, height: 900 };

/**
 * Opens an empty page for one test and monitors it. The test fails if anything was loaded from another site, if a request
 * URL contained a secret, or if the browser's console shows a problem.
 */
export async function openPage(t, browser, mailkey, options = {}) {
  const context = await browser.newContext({ viewport: DESK, locale: "en-GB", ...options });
  const complaints = [];
  context.on("page", (page) => watch(page, mailkey, complaints));
  const page = await context.newPage();
  t.after(async () => {
    await context.close();
    assert.deepEqual(complaints, [], "problems in the browser");
  });
  return page;
}

function watch(page, mailkey, complaints) {
  page.setDefaultTimeout(PATIENCE);
  page.on("pageerror", (error) => complaints.push(`an exception: ${error}`));
  page.on("console", (message) => {
    // The browser also logs 4xx responses, which the page shows to the user.
    const refusal = /status of 4\d\d|ERR_INTERNET_DISCONNECTED/.test(message.text());
    const expected = refusal && new URL(message.location().url || mailkey.url).pathname.startsWith("/api/");
    if (["error", "warning"].includes(message.type()) && !expected) {
      complaints.push(`${message.type()}: ${message.text()} (${message.location().url})`);
    }
  });
  page.on("request", (request) => {
    const url = new URL(request.url());
    if (url.origin !== mailkey.url) complaints.push(`a request to another site: ${request.url()}`);
    if (/token=/.test(url.search)) complaints.push(`a secret in a query: ${request.url()}`);
    if (request.headers().referer) complaints.push(`a Referer: ${request.headers().referer}`);
  });
}

/** Asserts that a page in its current state is accessible, and takes a screenshot if requested. */
export async function check(page, name) {
  await assertAccessible(page, name);
  await picture(page, name);
}

/**
 * Asserts that axe finds nothing.
 * @param {{exempt?: string[], rules?: string[]}} [options] rules to ignore, and the only rules to run
 */
export async function assertAccessible(page, name, { exempt = [], rules } = {}) {
  // While something fades in, its contrast is too low.
  await page.evaluate(() => Promise.allSettled(document.getAnimations().filter(({ effect }) => effect.getTiming().iterations !== Infinity).map(({ finished }) => finished)));
  // Evaluated by the debugger, because the page's policy correctly blocks it.
  if (!(await page.evaluate(() => "axe" in globalThis))) await page.evaluate(AXE);
  const runOnly = rules && { type: "rule", values: rules };
  const { violations } = await page.evaluate((runOnly) => axe.run(document, { iframes: false, resultTypes: ["violations"], ...(runOnly && { runOnly }) }), runOnly);
  const counted = violations.filter(({ id }) => !exempt.includes(id));
  const found = counted.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(" | ")}`);
  assert.deepEqual(found, [], `${name} is not accessible`);
}

export async function picture(page, name) {
  if (!SHOTS) return;
  mkdirSync(SHOTS, { recursive: true });
  await page.screenshot({ path: join(SHOTS, `${name}.png`), fullPage: true });
}

/** Asserts that the page has no horizontal scrolling. */
export async function assertFits(page, name) {
  const [content, window] = await page.evaluate(() => [document.documentElement.scrollWidth, innerWidth]);
  assert.ok(content <= window, `${name} is ${content} wide in a window of ${window}`);
}

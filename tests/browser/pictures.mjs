// Takes the screenshots of the console for the support site, in light and dark mode:
//
//   cargo build && node tests/browser/pictures.mjs [NAME...]
//
// The screenshots go to docs-site/content/pictures/. They show the real console with a running service at a fixed time,
// so that an unchanged console gives nearly identical files. Retake them after changing the console.

import { writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { launch } from "./support/browser.js";
import { ADMIN, adminApi, settled, signIn, startWithAdmin, userOf } from "./support/console.js";
import { eventually } from "./support/mailkey.js";

const FOLDER = fileURLToPath(new URL("../../docs-site/content/pictures/", import.meta.url));

/** The time that the screenshots show, and how much later the page is viewed. */
const NOW = Date.parse("2026-11-24T09:40:00Z");
const LATER = 4 * 60_000;

/** Slightly wider than the text column, because tables need this width; with a quarter more pixels for high-resolution screens. */
const WIDTH = 800;
const SCALE = 1.25;

/** WebP quality from 0 to 1. At lower values, small text becomes illegible. */
const QUALITY = 0.5;

/** Maximum size of a screenshot, in bytes. */
const MOST = 40_000;

/** Margin around the content, in pixels. */
const MARGIN = 14;

const wanted = process.argv.slice(2);
const begun = Date.now();
const [mailkey, browser] = await Promise.all([startWithAdmin(), launch()]);
try {
  const scenes = await furnish();
  for (const name of wanted) if (!scenes[name]) throw new Error(`no screenshot is named ${name}`);
  for (const colorScheme of ["light", "dark"]) {
    const context = await browser.newContext({
      colorScheme, viewport: { width: WIDTH, height: 1600 }, deviceScaleFactor: SCALE, locale: "en-GB", timezoneId: "UTC", reducedMotion: "reduce",
    });
    const page = await context.newPage();
    await context.route("**/api/admin/**", then);
    await page.clock.setFixedTime(NOW + LATER);
    await page.goto(`${mailkey.url}/sign-in/?return=console`);
    await signIn(page, ADMIN);
    await page.waitForURL(`${mailkey.url}/admin/`);
    for (const [name, { path, act, show }] of Object.entries(scenes)) {
      if (wanted.length && !wanted.includes(name)) continue;
      await page.goto(mailkey.url + path);
      await settled(page);
      await act?.(page);
      // Remove the pointer, the focus and the text cursor.
      await page.mouse.move(0, 0);
      await page.evaluate(() => document.activeElement.blur());
      const bytes = await encode(context, await page.screenshot({ clip: await around(page, show) }));
      const file = `${name}${colorScheme === "dark" ? "-dark" : ""}.webp`;
      writeFileSync(FOLDER + file, bytes);
      console.log(`${file}  ${bytes.length} bytes`);
      if (bytes.length > MOST) process.exitCode = 1;
    }
    await context.close();
  }
} finally {
  await browser.close();
  mailkey.stop();
}

/** Shifts all times in a response, as if everything had happened shortly before `NOW`. */
async function then(route) {
  const response = await route.fetch();
  const shifted = (at) => new Date(Date.parse(at) - begun + NOW).toISOString();
  const text = (await response.text()).replace(/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z/g, shifted);
  await route.fulfill({ response, body: text });
}

/** Creates users and emails, and returns the screenshots: the path, the preparation and the part to show. */
async function furnish() {
  const api = await adminApi(mailkey);
  const record = async (email) => `/admin/user/?id=${(await userOf(api, email)).id}`;
  for (const [name, email] of [["Alina Petrescu", "alina.petrescu@example.org"], ["Albert Okafor", "albert@example.org"]]) {
    await api("POST", "/api/admin/users", { email, display_name: name });
  }
  await api("POST", "/api/admin/users", { email: "bounce@simulator.amazonses.com", display_name: "Bo Unced" });
  for (const email of ["alice@example.com", "ivan@example.com", "petra@example.com", "sam@example.com", "nobody@example.com"]) {
    await mailkey.ask("POST", "/api/forgot-password", { email });
  }
  await api("POST", "/api/admin/api-keys", { name: "Help desk", role: "support", expires_in_days: 90, routes: ["GET /api/admin/users", "GET /api/admin/diagnosis"] });
  await api("PUT", "/api/admin/suppressions/left%40example.com", { reason: "Has left the company" });
  await mailkey.ask("POST", "/_local/canary");
  const has = (query, number) => eventually(query, async () => (await api("GET", `/api/admin/email-log?${query}`)).entries.length >= number);
  await has("status=delivered", 5);
  await has("status=bounced", 1);
  await has("status=skipped", 2);

  const top = "main .head";
  const trail = "main .trail";
  const diagnosis = ".diagnosis";
  const finding = ".diagnosis [data-cause]";
  return {
    "find-a-user": { path: "/admin/users/?query=al", show: [top, "[data-results]"] },
    "reset-a-password": {
      path: await record("alice@example.com"),
      act: async (page) => {
        await page.getByRole("button", { name: "Reset Password" }).click();
        await page.locator("[data-done]").getByText("Delivered").waitFor();
        await settled(page);
      },
      show: [trail, "[data-done]"],
    },
    "why-no-email": { path: await record("sam@example.com"), show: [trail, diagnosis] },
    "unlock-an-account": { path: await record("lena@example.com"), show: [trail, finding] },
    "activate-or-deactivate": { path: await record("ivan@example.com"), show: [trail, finding] },
    "resend-an-activation": { path: await record("petra@example.com"), show: [trail, finding] },
    "read-the-email-log": {
      path: "/admin/email-log/?status=bounced",
      act: async (page) => {
        const mail = page.locator(".mail").first();
        await mail.locator("summary").click();
        await mail.getByRole("list", { name: "Timeline" }).waitFor();
      },
      show: [top, ".filters", ".mail[open]"],
    },
    "remove-a-suppression": { path: "/admin/suppressions/?address=sam%40example.com", show: [top, ".suppression"] },
    "change-security-settings": {
      path: "/admin/security-settings/",
      act: (page) => page.getByLabel(/Lockout duration/).fill("30"),
      show: [top, "[data-fields] > :nth-child(4)"],
    },
    "read-the-audit-log": { path: "/admin/audit-log/", show: [top, ".filters", "[data-list] tbody tr:nth-child(3)"] },
    "make-an-api-key": { path: "/admin/api-keys/", show: [top, "[data-list]"] },
    "your-account": { path: "/admin/account/", show: [top, "[data-sessions]"] },
    "check-the-sender": { path: "/admin/sender/", show: [top, "[data-sender] .checks > li:nth-child(4)"] },
  };
}

/** The part of a page that contains all of these elements. */
async function around(page, selectors) {
  const boxes = [];
  for (const selector of selectors) boxes.push(await page.locator(selector).first().boundingBox());
  const top = Math.max(0, Math.min(...boxes.map(({ y }) => y)) - MARGIN);
  const bottom = Math.max(...boxes.map(({ y, height }) => y + height)) + MARGIN;
  return { x: 0, y: top, width: WIDTH, height: Math.ceil(bottom - top) };
}

/** Converts a PNG to WebP in the browser. */
async function encode(context, png) {
  const page = await context.newPage();
  const base64 = await page.evaluate(async ([png, quality]) => {
    const picture = await createImageBitmap(await (await fetch(`data:image/png;base64,${png}`)).blob());
    const canvas = document.createElement("canvas");
    [canvas.width, canvas.height] = [picture.width, picture.height];
    canvas.getContext("2d").drawImage(picture, 0, 0);
    return canvas.toDataURL("image/webp", quality).split(",")[1];
  }, [png.toString("base64"), QUALITY]);
  await page.close();
  return Buffer.from(base64, "base64");
}

// The second factor, from setting it up to losing it, and the sessions of one's own account.

import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import { test } from "node:test";
import { PHONE, assertFits, check, openPage } from "./support/browser.js";
import { ADMIN, adminApi, openAs, settled, signIn, userOf } from "./support/console.js";
import { eventually } from "./support/mailkey.js";
import { start } from "./support/start.js";

const { mailkey, browser } = await start();
const ANNA = { email: "anna@example.com", password: "seven lamps on a quiet pier", name: "Anna Administrator" };

/** The code that an authenticator app shows at the service's time (RFC 6238). */
function codeOf(secret) {
  const letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
  const bits = [...secret].map((letter) => letters.indexOf(letter).toString(2).padStart(5, "0")).join("");
  const key = Buffer.from(bits.match(/.{8}/g).map((byte) => parseInt(byte, 2)));
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(Math.floor((Date.now() + mailkey.offset) / 30_000)));
  const hash = createHmac("sha1", key).update(counter).digest();
  const word = hash.readUInt32BE(hash.at(-1) & 15) & 0x7fffffff;
  return String(word % 1_000_000).padStart(6, "0");
}

/** Each code works once, so wait for the next one. */
async function nextCode(secret) {
  await mailkey.advanceClock(30_000);
  return codeOf(secret);
}

/** Creates a second administrator, who chooses a password. */
async function makeAnna(api) {
  await api("POST", "/api/admin/users", { email: ANNA.email, display_name: ANNA.name, role: "admin" });
  const mail = await eventually("the activation email", async () => (await mailkey.outbox(ANNA.email)).find(({ links }) => links.some((link) => link.includes("#token="))));
  const token = new URL(mail.links.find((link) => link.includes("#token="))).hash.slice("#token=".length);
  await mailkey.ask("POST", "/api/redeem-token", { token, new_password: ANNA.password });
}

test("an administrator enrols, confirms changes with codes, loses the device, recovers and ends all sessions", async (t) => {
  const api = await adminApi(mailkey);
  await makeAnna(api);
  const page = await openPage(t, browser, mailkey);

  // Enrol.
  await openAs(page, mailkey, "/admin/account/", ANNA);
  await check(page, "second-factor-1-off");
  await page.getByRole("button", { name: "Set up", exact: true }).click();
  const enrol = page.getByRole("dialog", { name: "Set up your authenticator app" });
  await enrol.getByRole("img", { name: /QR code/ }).waitFor();
  const secret = (await enrol.locator("code").first().textContent()).replaceAll(/\s/g, "");
  await check(page, "second-factor-2-qr-code");
  await enrol.getByRole("textbox", { name: "Code" }).fill("000000");
  await enrol.getByRole("button", { name: "Turn on" }).click();
  await enrol.getByRole("alert").waitFor();
  await check(page, "second-factor-3-wrong-code");
  await enrol.getByRole("textbox", { name: "Code" }).fill(codeOf(secret));
  await enrol.getByRole("button", { name: "Turn on" }).click();
  const codes = page.locator("[data-codes] li");
  await codes.first().waitFor();
  assert.equal(await codes.count(), 10);
  const recovery = await codes.allTextContents();
  await check(page, "second-factor-4-recovery-codes");
  await page.setViewportSize(PHONE);
  await assertFits(page, "recovery codes on a phone");
  await check(page, "second-factor-4-recovery-codes-phone");
  await page.setViewportSize({ width: 1200, height: 900 });

  // Confirm a change in the same session: the console knows of the new factor.
  await mailkey.advanceClock(11 * 60_000);
  await page.getByRole("button", { name: "Set up another device" }).click();
  const confirm = page.getByRole("dialog", { name: "Confirm that it’s you" });
  await confirm.getByLabel("One-time code").waitFor();
  await check(page, "second-factor-5-confirm");
  await confirm.getByLabel("One-time code").fill(await nextCode(secret));
  await confirm.getByRole("button", { name: "Confirm" }).click();
  await enrol.getByRole("button", { name: "Cancel" }).click();

  // Sign in with a code: first none, then a wrong one.
  const phone = await openPage(t, browser, mailkey, { viewport: PHONE });
  await phone.goto(`${mailkey.url}/sign-in/`);
  await signIn(phone, ANNA);
  await phone.getByLabel("One-time code").waitFor();
  await check(phone, "second-factor-6-sign-in");
  const button = phone.getByRole("main").getByRole("button", { name: "Sign in" });
  await phone.getByLabel("One-time code").fill("000000");
  await button.click();
  await phone.getByText("The code is wrong").waitFor();
  await eventually("the wrong code is cleared", async () => (await phone.getByLabel("One-time code").inputValue()) === "");
  await check(phone, "second-factor-7-sign-in-wrong-code");
  await phone.getByLabel("One-time code").fill(await nextCode(secret));
  await button.click();
  await phone.getByRole("link", { name: "Open the console" }).waitFor();

  // The phone is lost: so are the app and this session. With a recovery code, Anna is in and ends all other sessions.
  const other = await openPage(t, browser, mailkey);
  await other.goto(`${mailkey.url}/admin/account/`);
  await other.waitForURL(/\/sign-in\/\?return=console$/);
  await signIn(other, ANNA);
  await other.getByLabel("One-time code").fill(recovery[0].toUpperCase());
  await other.getByRole("main").getByRole("button", { name: "Sign in" }).click();
  await other.waitForURL(`${mailkey.url}/admin/account/`);
  await settled(other);
  await check(other, "second-factor-8-sessions");
  await other.getByRole("button", { name: "End all other sessions" }).click();
  await other.getByRole("dialog").getByRole("button", { name: "End sessions" }).click();
  await other.getByText("All other sessions have ended.").waitFor();
  await check(other, "second-factor-9-sessions-ended");
  await phone.goto(`${mailkey.url}/admin/`);
  await phone.waitForURL(/\/sign-in\//);

  // Anna has lost her recovery codes, too. Another administrator removes the second factor, and Anna gets a notice.
  const admin = await openPage(t, browser, mailkey);
  const { id } = await userOf(await adminApi(mailkey), ANNA.email);
  await openAs(admin, mailkey, `/admin/user/?id=${id}`, ADMIN);
  await admin.getByRole("button", { name: "Remove second factor" }).click();
  const remove = admin.getByRole("dialog", { name: /Remove the second factor/ });
  await remove.waitFor();
  await check(admin, "second-factor-10-remove");
  await remove.getByRole("button", { name: "Remove second factor" }).click();
  await admin.locator("[data-done]").getByText("The second factor is removed.").waitFor();
  await settled(admin);
  await check(admin, "second-factor-11-removed");
  await eventually("the notice", async () => (await mailkey.outbox(ANNA.email)).find(({ text }) => text.includes("removed the second factor")));

  // Recover: a new password, and no code.
  await other.goto(await mailkey.newLink(ANNA.email));
  const password = "violet canoe under nine bridges again";
  await other.getByLabel("New password").fill(password);
  await other.getByRole("button", { name: "Save the new password" }).click();
  await other.getByRole("heading", { name: "Your password has been changed" }).waitFor();
  await other.goto(`${mailkey.url}/sign-in/`);
  await signIn(other, { ...ANNA, password });
  await other.getByRole("link", { name: "Open the console" }).waitFor();
  await other.goto(`${mailkey.url}/admin/account/`);
  await settled(other);
  await other.getByRole("button", { name: "Set up", exact: true }).waitFor();
  await check(other, "second-factor-12-recovered");
});

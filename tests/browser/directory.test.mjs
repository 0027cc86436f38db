// The console of a deployment without members: it says what isn't available, and offers nothing that doesn't apply.

import assert from "node:assert/strict";
import { after, test } from "node:test";
import { check, launch, openPage } from "./support/browser.js";
import { ADMIN, openAs, settled } from "./support/console.js";
import { startMailkey } from "./support/mailkey.js";

const environment = { MAILKEY_ADMIN_EMAIL: ADMIN.email, MAILKEY_ADMIN_PASSWORD: ADMIN.password, MAILKEY_DIRECTORY: "none" };
const [mailkey, browser] = await Promise.all([startMailkey(environment), launch()]);
after(async () => {
  await browser.close();
  mailkey.stop();
});

test("without members, the console is for staff, the log and the diagnosis", async (t) => {
  const page = await openPage(t, browser, mailkey);
  await openAs(page, mailkey, "/admin/");
  const text = "Members have no accounts here";
  assert.ok(await page.getByRole("heading", { name: "Find staff" }).isVisible());
  assert.ok(await page.getByText(text).isVisible());
  assert.equal(await page.getByText("No such user").count(), 0);
  await check(page, "overview-without-members");

  await page.getByRole("navigation", { name: "Console" }).getByRole("link", { name: "Staff" }).click();
  await page.waitForURL(`${mailkey.url}/admin/users/`);
  await settled(page);
  assert.ok(await page.getByText(text).isVisible());
  await page.getByRole("button", { name: "Add staff" }).click();
  const roles = await page.getByLabel("Role").locator("option").allTextContents();
  assert.deepEqual(roles, ["Support", "Administrator"]);
  await page.getByLabel("Email address").last().fill("sue@example.com");
  await page.getByLabel("Name", { exact: true }).fill("Sue Support");
  await page.getByRole("button", { name: "Add and send link" }).click();
  await page.getByRole("heading", { name: "Sue Support" }).waitFor();
  await settled(page);
  assert.ok(await page.getByRole("button", { name: "Deactivate" }).isVisible());
});

// Helpers for the console's tests: signing in and preparing data.

import { eventually, startMailkey } from "./mailkey.js";

export const ADMIN = { email: "admin@example.com", password: "violet canoe under nine bridges admin" };
export const SUPPORT = { email: "sue@example.com", password: "seven lamps on a quiet pier" };

/** Starts Mailkey with a known administrator password. */
export const startWithAdmin = () => startMailkey({ MAILKEY_ADMIN_EMAIL: ADMIN.email, MAILKEY_ADMIN_PASSWORD: ADMIN.password });

/** Calls the API as the administrator, without the browser. */
export async function adminApi(mailkey) {
  const { session_token } = await (await mailkey.ask("POST", "/api/sign-in", ADMIN)).json();
  return async (method, path, body) => {
    const headers = { authorization: `Bearer ${session_token}`, "content-type": "application/json" };
    const response = await fetch(mailkey.url + path, { method, headers, body: body && JSON.stringify(body) });
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${await response.text()}`);
    return response.status === 204 ? null : response.json();
  };
}

/** Finds a user by address. */
export async function userOf(api, email) {
  const { users } = await api("GET", `/api/admin/users?query=${encodeURIComponent(email)}`);
  return users.find((user) => user.email === email);
}

/** Creates a user with the role `support` who can sign in. */
export async function makeSupport(mailkey, api) {
  await api("POST", "/api/admin/users", { email: SUPPORT.email, display_name: "Sue Support", role: "support" });
  const mail = await eventually("the activation email", async () => (await mailkey.outbox(SUPPORT.email))[0]);
  const token = new URL(mail.links.find((link) => link.includes("#token="))).hash.slice("#token=".length);
  await mailkey.ask("POST", "/api/redeem-token", { token, new_password: SUPPORT.password });
}

/** Signs in on the page that the console redirects to. */
export async function signIn(page, { email, password }) {
  await page.getByLabel("Email address").fill(email);
  await page.getByLabel("Password", { exact: true }).fill(password);
  await page.getByRole("main").getByRole("button", { name: "Sign in" }).click();
}

/** Signs in as a person and opens a page of the console. */
export async function openAs(page, mailkey, path, person = ADMIN) {
  await page.goto(mailkey.url + path);
  await page.waitForURL(/\/sign-in\/\?return=console$/);
  await signIn(page, person);
  await page.waitForURL(mailkey.url + path);
  await settled(page);
}

/** Waits until a page of the console has loaded and shown all its data. */
export async function settled(page) {
  await page.locator("[data-view]").waitFor();
  await page.waitForFunction(() => !document.querySelector('[aria-busy="true"], .loading') && !document.querySelector(".gate:not([hidden])"));
}

// What the tests of a file run against.

import { after } from "node:test";
import { launch } from "./browser.js";
import { startWithAdmin } from "./console.js";

/** Starts the service, with an administrator whose password is known, and a browser; both end with the file's tests. */
export async function start() {
  const [mailkey, browser] = await Promise.all([startWithAdmin(), launch()]);
  after(async () => {
    await browser.close();
    mailkey.stop();
  });
  return { mailkey, browser };
}

// Sets up what the tests of a file need.

import { after } from "node:test";
import { launch } from "./browser.js";
import { startWithAdmin } from "./console.js";

/** Starts the service with a known administrator password, and a browser. Both stop after the file's tests. */
export async function start() {
  const [mailkey, browser] = await Promise.all([startWithAdmin(), launch()]);
  after(async () => {
    await browser.close();
    mailkey.stop();
  });
  return { mailkey, browser };
}

// Lighthouse scores 100 in each category for an article, a form and the console's sign-in.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { score } from "./support/lighthouse.js";
import { startMailkey } from "./support/mailkey.js";

let mailkey;
before(async () => {
  mailkey = await startMailkey();
});
after(() => mailkey?.stop());

const FULL = { performance: 100, accessibility: 100, "best-practices": 100, seo: 100 };

for (const [name, path] of Object.entries({ "the guide": "/guide/", "the form for a forgotten password": "/forgot-password/", "the console's sign-in": "/sign-in/?return=console" })) {
  test(`${name} scores 100 in every Lighthouse category`, async (t) => {
    const { scores, lost } = await score(mailkey.url + path);
    t.diagnostic(`${path}: ${Object.entries(scores).map(([category, points]) => `${category} ${points}`).join(", ")}`);
    assert.deepEqual(scores, FULL, lost.join("\n"));
  });
}

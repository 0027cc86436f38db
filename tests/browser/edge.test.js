// The distribution's edge function behaves like the local server: the same table of cases tests both.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

const read = (name) => readFileSync(new URL(`../../docs-site/edge/${name}`, import.meta.url), "utf8");
const source = read("choose-language.js");
const handler = new Function(`${source}\nreturn handler;`)();
const cases = JSON.parse(read("cases.json"));

/** An event as CloudFront sends it. */
function eventFor({ path, query, accept_language }) {
  const headers = { host: { value: "portal.example" } };
  if (accept_language) headers["accept-language"] = { value: accept_language };
  const querystring = Object.fromEntries([...new URLSearchParams(query)].map(([name, value]) => [name, { value }]));
  return { version: "1.0", context: { eventType: "viewer-request" }, request: { method: "GET", uri: path, headers, querystring } };
}

for (const expected of cases) {
  test(`${expected.path}${expected.query ? `?${expected.query}` : ""} for ${expected.accept_language ?? "no preference"}`, () => {
    const answer = handler(eventFor(expected));
    if (expected.redirect) {
      assert.equal(answer.statusCode, 302);
      assert.equal(answer.headers.location.value, expected.redirect);
      return;
    }
    assert.equal(answer.uri, expected.missing ? expected.page : `${expected.page}index.html`);
    // The response event may contain the original or the rewritten request.
    for (const request of [eventFor(expected).request, answer]) {
      const response = { statusCode: 200, headers: { "content-type": { value: "text/html; charset=utf-8" } } };
      const { headers, statusCode } = handler({ ...eventFor(expected), request, response });
      assert.equal(statusCode, expected.missing ? 404 : 200);
      assert.equal(headers["content-language"].value, expected.language);
      if (expected.varies) assert.equal(headers.vary.value, "Accept-Language");
    }
  });
}

test("what is no page is left alone", () => {
  for (const path of ["/assets/site.0123456789ab.css", "/robots.txt", "/sitemap.xml"]) {
    assert.equal(handler(eventFor({ path, accept_language: "de" })).uri, path);
  }
  const response = { statusCode: 200, headers: { "content-type": { value: "text/css" } } };
  assert.deepEqual(Object.keys(handler({ ...eventFor({ path: "/assets/a.css" }), response }).headers), ["content-type"]);
});

test("a page has one URL, and a missing slash never redirects to another host", () => {
  const location = (path) => handler(eventFor({ path, accept_language: "de" })).headers.location.value;
  assert.equal(location("/guide"), "/guide/");
  assert.equal(location("/de/guide"), "/de/guide/");
  assert.equal(location("/operators/alarms"), "/operators/alarms/");
  assert.equal(location("/de/guide/index.html"), "/de/guide/");
  assert.equal(handler(eventFor({ path: "//guide" })).uri, "/404.html");
});

test("repeated headers are combined, and an existing Vary header is kept", () => {
  const event = eventFor({ path: "/guide/" });
  event.request.headers["accept-language"] = { value: "ja", multiValue: [{ value: "ja" }, { value: "de;q=0.5" }] };
  const response = { statusCode: 200, headers: { "content-type": { value: "text/html" }, vary: { value: "Accept-Encoding" } } };
  assert.equal(handler({ ...structuredClone(event), response }).headers.vary.value, "Accept-Encoding, Accept-Language");
  assert.equal(handler(event).uri, "/de/guide/index.html");
});

test("the function meets the limits of its runtime", () => {
  assert.ok(source.length < 10 * 1024, "CloudFront's limit is 10 KB");
  assert.doesNotMatch(source, /^\s*(import|class)\b|\brequire\(|\?\.|\?\?/m, "the runtime doesn't support this syntax");
});

// The console has words for every code of the API. Without words it would show the code itself, which still works.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

import * as words from "../../docs-site/console/words.mjs";

const api = JSON.parse(readFileSync(new URL("../../functions/common/api/openapi.json", import.meta.url), "utf8"));

for (const [table, field] of [
  ["STATUS", "EmailLogEntry.status"],
  ["KIND", "EmailLogEntry.kind"],
  ["TRIGGER", "EmailLogEntry.trigger"],
  ["REASON", "EmailLogEntry.reason"],
  ["USER_STATUS", "User.status"],
  ["ROLE", "User.role"],
  ["LANGUAGE", "User.locale"],
  ["CERTAINTY", "findings.certainty"],
  ["SEVERITY", "findings.severity"],
  ["SUPPRESSION", "Suppression.reason"],
  ["SCOPE", "Suppression.scope"],
  ["CHECK", "checks.check"],
  ["CHECK_STATE", "checks.state"],
]) {
  test(`${table} has words for every ${field}`, () => {
    const codes = codesOf(field);
    assert.notEqual(codes.length, 0);
    assert.deepEqual(codes.filter((code) => !(code in words[table])), []);
  });
}

/** The codes of a field: `Object.field` for an object of the API, or `list.field` for a list within a response. */
function codesOf(path) {
  const [first, name] = path.split(".");
  const outer = resolved(api.components.schemas[first] ?? fieldNamed(api, first));
  return codes(resolved(outer.items ?? outer).properties[name]);
}

function fieldNamed(value, name) {
  if (value === null || typeof value !== "object") return undefined;
  if (value.properties?.[name]) return value.properties[name];
  for (const inner of Object.values(value)) {
    const found = fieldNamed(inner, name);
    if (found) return found;
  }
}

function resolved(schema) {
  if (!schema.$ref) return schema;
  return schema.$ref.split("/").slice(1).reduce((value, key) => value[key], api);
}

function codes(schema) {
  const { anyOf = [], oneOf = [], enum: values = [], const: value } = resolved(schema);
  return [...values, value, ...[...anyOf, ...oneOf].flatMap(codes)].filter((code) => typeof code === "string");
}

// Readable times: relative, and exact in the reader's time zone.

import { h } from "./dom.mjs";

const exactly = new Intl.DateTimeFormat("en-GB", { dateStyle: "medium", timeStyle: "medium" });
const shortly = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "short", hour: "2-digit", minute: "2-digit" });
const relative = new Intl.RelativeTimeFormat("en-GB", { numeric: "auto" });

/** Steps of "3 minutes ago", in seconds. */
const STEPS = [["second", 1], ["minute", 60], ["hour", 3600], ["day", 86_400], ["month", 2_592_000], ["year", 31_536_000]];

/** "3 minutes ago", "in 12 minutes". */
export function ago(at, now = Date.now()) {
  const seconds = (Date.parse(at) - now) / 1000;
  if (Number.isNaN(seconds)) return "";
  const [unit, size] = STEPS.findLast(([, size]) => Math.abs(seconds) >= size) ?? STEPS[0];
  return relative.format(Math.trunc(seconds / size), unit);
}

/** A `<time>` with the relative time, or with both if `exact` is set. */
export function time(at, { exact = false } = {}) {
  if (!isTime(at)) return null;
  const date = new Date(at);
  return h("time", { datetime: at, title: exactly.format(date) }, exact ? `${shortly.format(date)} (${ago(at)})` : ago(at));
}

/** The exact time, with seconds. */
export const exactTime = (at) => (isTime(at) ? h("time", { datetime: at, title: ago(at) }, exactly.format(new Date(at))) : String(at ?? ""));

/** Text from a server can look like a time and be none, such as `2026-99-99T99:99:99Z`. */
const isTime = (at) => Boolean(at) && !Number.isNaN(Date.parse(at));

/** Text from the API with its timestamps made readable. */
export function withTimes(text) {
  return String(text).split(/(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z)/).map((part, index) => (index % 2 && isTime(part) ? h("time", { datetime: part, title: ago(part) }, shortly.format(new Date(part))) : part));
}

/** The reader's local day of a time, such as `2026-11-22`. */
export function day(at) {
  const date = new Date(at);
  const two = (number) => String(number).padStart(2, "0");
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
}

/** The start of the reader's local day, `days` later, in UTC; `undefined` if the text isn't a day. */
export function startOfDay(text, days = 0) {
  const date = new Date(`${text}T00:00`);
  if (Number.isNaN(date.getTime())) return undefined;
  date.setDate(date.getDate() + days);
  return date.toISOString();
}

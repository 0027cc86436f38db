// The email log: every system email, sent or deliberately not sent.

import { queryString } from "./api.mjs";
import { empty, one } from "./dom.mjs";
import { filters } from "./filters.mjs";
import { open } from "./frame.mjs";
import { showEmails } from "./email-list.mjs";
import { startOfDay } from "./times.mjs";
import { KIND, ORIGIN, REASON, STATUS, TRIGGER } from "./words.mjs";

const statuses = Object.fromEntries(Object.entries(STATUS).map(([status, [name]]) => [status, name]));

function show({ from, to, ...rest }) {
  // Filters are days in the reader's time zone, including the last one.
  const query = { ...rest, from: from && startOfDay(from), to: to && startOfDay(to, 1) };
  one("[data-export]").href = `/api/admin/email-log/export${queryString(query)}`;
  const place = one("[data-emails]");
  place.replaceChildren();
  showEmails(place, query, { none: empty("No emails match these filters.") });
}

const choices = { origin: ORIGIN, status: statuses, reason: REASON, kind: KIND, trigger: TRIGGER };

await open(() => filters(one("[data-filters]"), choices, show));

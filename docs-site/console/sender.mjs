// The sender page.

import { call } from "./api.mjs";
import { badge, facts, fill, h, one } from "./dom.mjs";
import { load, open } from "./frame.mjs";
import { alarms, canary, checks, quota, verdict } from "./sender-view.mjs";
import { time } from "./times.mjs";
import { plain } from "./words.mjs";

const place = one("[data-sender]");

function refresh() {
  return load(place, () => call("GET", "/api/admin/sender"), (sender) => {
    fill(place,
      h("div", { class: "card" }, verdict(sender), facts([["From", sender.from], ["Domain", sender.domain]])),
      sender.alarms?.length ? section("Alarms", alarms(sender)) : null,
      section("Checks", checks(sender)),
      h("div", { class: "columns" },
        section("SES account", quota(sender)),
        section("Domain", identity(sender)),
        section("Canary", canary(sender))),
      sender.watched_senders?.length ? section("Watched senders", watched(sender.watched_senders)) : null);
  });
}

const section = (title, ...children) => h("section", { class: "card" }, h("h2", {}, title), children);

/** When the last event about email of each watched sender came. */
function watched(senders) {
  return facts(senders.map(({ sender, last_event_at: at }) => [sender, at ? h("span", {}, "Last event ", time(at, { exact: true })) : badge("No event yet", "warn")]));
}

function identity({ identity: found }) {
  if (!found) return h("p", { class: "hint" }, "We couldn’t read the domain’s status.");
  return facts([
    ["Verified", found.verified ? badge("Yes", "good") : badge("No", "bad")],
    ["DKIM", plain(String(found.dkim_status).toLowerCase())],
    ["MAIL FROM", found.mail_from_domain],
    ["MAIL FROM status", found.mail_from_status && plain(found.mail_from_status.toLowerCase())],
  ]);
}

await open(() => {
  one("[data-again]").addEventListener("click", refresh);
  return refresh();
});

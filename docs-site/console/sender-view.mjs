// Parts of the sender's status that the overview and the sender page share.

import { badge, copyable, facts, h } from "./dom.mjs";
import { ago, time } from "./times.mjs";
import { CHECK, CHECK_STATE, alarm, hostSaid, plain } from "./words.mjs";

const number = new Intl.NumberFormat("en-GB");

/** The overall result in one line. */
export function verdict({ ok, checks = [], alarms = [] }) {
  const wrong = checks.filter(({ state }) => state === "wrong").length;
  const unknown = checks.filter(({ state }) => state === "unknown").length;
  const open = alarms.length ? ` ${alarms.length === 1 ? "One alarm" : `${alarms.length} alarms`}.` : "";
  if (ok && unknown) return h("p", {}, badge("OK", "good"), ` No problem found, but ${unknown === 1 ? "one check has" : `${unknown} checks have`} no result yet.${open}`);
  if (ok) return h("p", {}, badge("OK", "good"), ` Sending works, and delivery events arrive.${open}`);
  if (wrong) return h("p", {}, badge("Needs attention", "bad"), ` ${wrong === 1 ? "One check" : `${wrong} checks`} found a problem.${open}`);
  return h("p", {}, badge("Unknown", "warn"), ` ${unknown === 1 ? "One check" : `${unknown} checks`} couldn’t be completed.${open}`);
}

/** When a test email was last sent, and when its delivery event last arrived. */
export function canary({ canary: { sent_at, proven_at } = {} }) {
  if (!sent_at) return h("p", { class: "hint" }, "No test email (“canary”) has been sent yet.");
  if (!proven_at) return h("p", {}, badge("No response", "warn"), " Test email sent ", time(sent_at), ". No delivery event has arrived yet.");
  const late = Date.parse(proven_at) < Date.parse(sent_at);
  return h("p", {}, badge(late ? "Waiting" : "OK", late ? "warn" : "good"), " Test email sent ", time(sent_at), ". Last delivery event: ", time(proven_at), ".");
}

export function checks({ checks: list = [] }) {
  return h("ul", { class: "checks" }, list.map((check) => {
    const [state, tone] = CHECK_STATE[check.state] ?? [plain(check.state), "mute"];
    return h("li", { class: tone },
      h("h3", {}, CHECK[check.check] ?? plain(check.check), " ", badge(state, tone)),
      h("p", {}, check.summary),
      check.fix && h("p", { class: "fix" }, check.fix),
      check.record && facts([["Type", check.record.type], ["Name", copyable(check.record.name, "the name")], ["Value", copyable(check.record.value, "the value")]]));
  }));
}

export function alarms({ alarms: list = [] }) {
  if (!list.length) return h("p", { class: "hint" }, "No alarms.");
  return h("ul", { class: "checks" }, list.map(({ kind, first_at, last_at, count, detail }) =>
    h("li", { class: "bad" }, h("h3", {}, alarm(kind), " ", badge(count === 1 ? "Once" : `${number.format(count)} times`, "bad")), h("p", {}, `Last seen ${ago(last_at)}`, count > 1 && `, first seen ${ago(first_at)}`, "."), detail && h("p", { class: "said" }, hostSaid(detail)))));
}

/** How much of the daily quota is used. */
export function quota({ account }) {
  if (!account) return h("p", { class: "hint" }, "We couldn’t read the account’s status.");
  const { sent_last_24_hours: sent, daily_quota: most } = account;
  const unlimited = most < 0;
  return h("div", {},
    h("p", {}, unlimited ? `${number.format(sent)} emails in the last 24 hours (no daily limit)` : `${number.format(sent)} of ${number.format(most)} emails in the last 24 hours`),
    !unlimited && h("meter", { min: 0, max: Math.max(most, 1), high: Math.max(most, 1) * 0.8, value: sent, "aria-label": "Daily quota used" }),
    facts([
      ["Production access", account.production_access ? "Granted" : "Not granted (sandbox)"],
      ["Sending", account.sending_enabled ? "Enabled" : "Disabled"],
      ["Account status", plain(String(account.enforcement_status).toLowerCase())],
      ["Maximum rate", `${number.format(account.max_send_rate)} per second`],
    ]));
}

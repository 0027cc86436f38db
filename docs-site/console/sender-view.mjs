// The sender: the account at SES, the domain, what is wrong with either and how it is put right.

import { badge, copyable, facts, h } from "./dom.mjs";
import { ago, time } from "./times.mjs";
import { CHECK, CHECK_STATE, plain } from "./words.mjs";

const number = new Intl.NumberFormat("en-GB");

/** The answer in one line. */
export function verdict({ ok, checks = [], alarms = [] }) {
  const wrong = checks.filter(({ state }) => state === "wrong").length;
  const unknown = checks.filter(({ state }) => state === "unknown").length;
  const open = alarms.length ? ` ${alarms.length === 1 ? "One alarm" : `${alarms.length} alarms`}.` : "";
  if (ok) return h("p", {}, badge("All right", "good"), ` Mail can be sent, and news of it comes back.${open}`);
  if (wrong) return h("p", {}, badge("Needs attention", "bad"), ` ${wrong === 1 ? "One check is" : `${wrong} checks are`} wrong.${open}`);
  return h("p", {}, badge("Not certain", "warn"), ` ${unknown === 1 ? "One check has" : `${unknown} checks have`} no answer.${open}`);
}

/** When mail last made the whole way, there and back. */
export function canary({ canary: bird = {} }) {
  if (!bird.sent_at) return h("p", { class: "hint" }, "No canary was sent yet: the email that tests the whole way, there and back.");
  if (!bird.proven_at) return h("p", {}, badge("No news", "warn"), " The canary left ", time(bird.sent_at), "; news of it has not come back.");
  const late = Date.parse(bird.proven_at) < Date.parse(bird.sent_at);
  return h("p", {}, badge(late ? "Waiting" : "Proven", late ? "warn" : "good"), " The canary left ", time(bird.sent_at), "; the way there and back was last proven ", time(bird.proven_at), ".");
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
    h("li", { class: "bad" }, h("h3", {}, plain(kind), " ", badge(count === 1 ? "once" : `${number.format(count)} times`, "bad")), h("p", {}, `Last ${ago(last_at)}`, count > 1 && `, first ${ago(first_at)}`, "."), detail && h("p", { class: "said" }, detail))));
}

/** How much of the day's quota is used up. */
export function quota({ account }) {
  if (!account) return h("p", { class: "hint" }, "The state of the account is not known.");
  const { sent_last_24_hours: sent, daily_quota: most } = account;
  const unlimited = most < 0;
  return h("div", {},
    h("p", {}, unlimited ? `${number.format(sent)} emails in the last 24 hours, without a limit` : `${number.format(sent)} of ${number.format(most)} emails in the last 24 hours`),
    !unlimited && h("meter", { min: 0, max: Math.max(most, 1), high: Math.max(most, 1) * 0.8, value: sent, "aria-label": "Share of the daily quota that is used" }),
    facts([
      ["Production access", account.production_access ? "yes" : "no, a sandbox"],
      ["Sending", account.sending_enabled ? "on" : "off"],
      ["Standing", plain(String(account.enforcement_status).toLowerCase())],
      ["Fastest rate", `${number.format(account.max_send_rate)} a second`],
    ]));
}

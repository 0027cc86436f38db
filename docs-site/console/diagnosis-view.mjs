// The diagnosis, open on the page: each finding with its evidence and a button that does the fix.

import { call } from "./api.mjs";
import { deedOf } from "./actions.mjs";
import { badge, fill, h } from "./dom.mjs";
import { follow } from "./follow.mjs";
import { load, problem } from "./frame.mjs";
import { time, withTimes } from "./times.mjs";
import { CERTAINTY, plain } from "./words.mjs";

/**
 * @param {{place: HTMLElement, done: HTMLElement, email: string, user?: object, changed: () => void}} view `done` is
 *   where it says what a fix has done; `changed` runs after one
 */
export function showDiagnosis({ place, done, email, user, changed }) {
  const refresh = () => load(place, () => call("GET", "/api/admin/diagnosis", { query: { email } }), show);
  const show = (diagnosis) => {
    const whom = user ?? diagnosis.user;
    fill(place,
      diagnosis.summary !== diagnosis.findings[0]?.summary && h("p", { class: "answer" }, withTimes(diagnosis.summary)),
      h("ol", { class: "findings" }, diagnosis.findings.map((finding) => h("li", {}, card(finding, whom)))),
      checked(diagnosis));
  };
  const card = (finding, whom) => {
    const [name, tone] = CERTAINTY[finding.certainty] ?? [plain(finding.certainty), "mute"];
    const deed = deedOf(finding.fix?.action, whom);
    const failed = h("div", {});
    return h("article", { class: `finding ${tone}`, "data-cause": finding.cause },
      h("h3", {}, withTimes(finding.summary), " ", badge(name, tone)),
      finding.evidence?.length ? h("ul", { class: "evidence" }, finding.evidence.map(evidence)) : null,
      finding.suggestion && h("p", {}, "Perhaps it is meant to be ", suggested(finding), "."),
      h("p", { class: "fix" }, withTimes(finding.fix?.text ?? "")),
      failed,
      h("div", { class: "actions" }, deed && fixButton(deed, failed), h("a", { href: `/findings/${encodeURIComponent(finding.cause.replaceAll("_", "-"))}/` }, "More about this")));
  };
  const fixButton = (deed, failed) => {
    const button = h("button", { type: "button", "data-fix": "" }, deed.label);
    button.addEventListener("click", async () => {
      button.disabled = true;
      failed.replaceChildren();
      try {
        const answer = await deed.run();
        if (answer === undefined) return;
        finished(deed.said, answer?.email_log_id);
      } catch (failure) {
        fill(failed, problem(failure));
      } finally {
        button.disabled = false;
      }
    });
    return button;
  };
  const finished = (said, emailLogId) => {
    tell(done, said, emailLogId, () => {
      changed();
      refresh();
    });
    changed();
    refresh();
  };
  refresh();
  return refresh;
}

/** Where nobody has the address, the one that is on record leads to its user. */
const suggested = ({ cause, suggestion }) =>
  cause === "no_such_user" ? h("a", { href: `/admin/users/?query=${encodeURIComponent(suggestion)}` }, suggestion) : h("strong", {}, suggestion);

/** Says what was done; if an email came of it, also what becomes of that. */
export function tell(done, said, emailLogId, changed) {
  if (emailLogId) return follow(done, emailLogId, { said, changed });
  done.hidden = false;
  fill(done, h("div", { class: "notice good" }, h("p", { role: "status" }, h("strong", {}, said))));
  done.focus();
}

function evidence({ text, at, email_log_id }) {
  const said = email_log_id ? h("a", { href: `/admin/email/?id=${encodeURIComponent(email_log_id)}` }, withTimes(text)) : withTimes(text);
  return h("li", {}, said, at && " ", at && h("span", { class: "hint" }, time(at, { exact: true })));
}

function checked({ checked: list = [], event_path: path }) {
  if (!list.length && !path) return null;
  return h("details", { class: "checked" },
    h("summary", {}, `What was checked (${list.length + (path ? 1 : 0)})`),
    h("ul", {}, list.map(({ check, summary }) => h("li", {}, h("strong", {}, plain(check)), ": ", withTimes(summary))),
      path && h("li", {}, h("strong", {}, "News of delivery"), ": ", withTimes(path.summary), path.last_proven_at && " ", path.last_proven_at && time(path.last_proven_at, { exact: true }))));
}

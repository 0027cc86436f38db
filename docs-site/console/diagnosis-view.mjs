// The diagnosis: each finding with its evidence, and a button for the fix.

import { call } from "./api.mjs";
import { fixAction } from "./actions.mjs";
import { badge, fill, h } from "./dom.mjs";
import { follow } from "./follow.mjs";
import { load, problem } from "./frame.mjs";
import { time, withTimes } from "./times.mjs";
import { CERTAINTY, plain } from "./words.mjs";

/**
 * @param {{place: HTMLElement, done: HTMLElement, email: string, user?: object, changed: () => void}} view `done` is
 *   where the result of a fix is shown; `changed` runs after a fix
 */
export function showDiagnosis({ place, done, email, user, changed }) {
  const refresh = () => load(place, () => call("GET", "/api/admin/diagnosis", { query: { email } }), show);
  const show = (diagnosis) => {
    const about = user ?? diagnosis.user;
    fill(place,
      diagnosis.summary !== diagnosis.findings[0]?.summary && h("p", { class: "answer" }, withTimes(diagnosis.summary)),
      h("ol", { class: "findings" }, diagnosis.findings.map((finding) => h("li", {}, card(finding, about)))),
      checked(diagnosis));
  };
  const card = (finding, about) => {
    const [name, tone] = CERTAINTY[finding.certainty] ?? [plain(finding.certainty), "mute"];
    const action = fixAction(finding.fix?.action, about);
    const failed = h("div", {});
    return h("article", { class: `finding ${tone}`, "data-cause": finding.cause },
      h("h3", {}, withTimes(finding.summary), " ", badge(name, tone)),
      finding.evidence?.length ? h("ul", { class: "evidence" }, finding.evidence.map(evidence)) : null,
      finding.suggestion && h("p", {}, "Did they mean ", suggested(finding), "?"),
      h("p", { class: "fix" }, withTimes(finding.fix?.text ?? "")),
      failed,
      h("div", { class: "actions" }, action && fixButton(action, failed), h("a", { href: `/findings/${encodeURIComponent(finding.cause.replaceAll("_", "-"))}/` }, "Learn more")));
  };
  const fixButton = (action, failed) => {
    const button = h("button", { type: "button", "data-fix": "" }, action.label);
    button.addEventListener("click", async () => {
      button.disabled = true;
      failed.replaceChildren();
      try {
        const answer = await action.run();
        if (answer === undefined) return;
        finished(action.done, answer?.email_id);
      } catch (failure) {
        fill(failed, problem(failure));
      } finally {
        button.disabled = false;
      }
    });
    return button;
  };
  const finished = (message, emailId) => {
    announce(done, message, emailId, () => {
      changed();
      refresh();
    });
    changed();
    refresh();
  };
  refresh();
  return refresh;
}

/** If no user has the address, the suggestion is the address of an existing user, so it links to that user. */
const suggested = ({ cause, suggestion }) =>
  cause === "no_such_user" ? h("a", { href: `/admin/users/?query=${encodeURIComponent(suggestion)}` }, suggestion) : h("strong", {}, suggestion);

/** Shows what was done. If it sent an email, also shows that email's status as it changes. */
export function announce(done, message, emailId, changed) {
  if (emailId) return follow(done, emailId, { message, changed });
  done.hidden = false;
  fill(done, h("div", { class: "notice good" }, h("p", { role: "status" }, h("strong", {}, message))));
  done.focus();
}

function evidence({ text, at, email_id }) {
  const linked = email_id ? h("a", { href: `/admin/email/?id=${encodeURIComponent(email_id)}` }, withTimes(text)) : withTimes(text);
  return h("li", {}, linked, at && " ", at && h("span", { class: "hint" }, time(at, { exact: true })));
}

function checked({ checked: list = [], event_path: path }) {
  if (!list.length && !path) return null;
  return h("details", { class: "checked" },
    h("summary", {}, `What we checked (${list.length + (path ? 1 : 0)})`),
    h("ul", {}, list.map(({ check, summary }) => h("li", {}, h("strong", {}, plain(check)), ": ", withTimes(summary))),
      path && h("li", {}, h("strong", {}, "Delivery events"), ": ", withTimes(path.summary), path.last_proven_at && " ", path.last_proven_at && time(path.last_proven_at, { exact: true }))));
}

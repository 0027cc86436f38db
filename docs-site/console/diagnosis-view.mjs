// The diagnosis: the answer, the one thing to do, and each finding with its evidence.

import { call } from "./api.mjs";
import { runner } from "./actions.mjs";
import { badge, copyable, fill, h } from "./dom.mjs";
import { follow } from "./follow.mjs";
import { fail, load } from "./frame.mjs";
import { time, withTimes } from "./times.mjs";
import { CERTAINTY, SEVERITY, plain } from "./words.mjs";

/**
 * @param {{place: HTMLElement, done: HTMLElement, email: string, changed: () => void, moved?: (email: string) => void}} view
 *   `done` is where the result of an action is shown; `changed` runs after an action, `moved` after one that changed the
 *   address, from which the diagnosis then continues
 */
export function showDiagnosis({ place, done, email, changed, moved = () => {} }) {
  let address = email;
  const refresh = () => load(place, () => call("GET", "/api/admin/diagnosis", { query: { email: address } }), show);
  const show = (diagnosis) => {
    const nothingWrong = diagnosis.severity === "ok";
    fill(place,
      nothingWrong && h("div", { class: "notice good", "data-severity": "ok" }, h("p", { class: "answer" }, "No problem found.")),
      h("ol", { class: "findings" }, diagnosis.findings.map((finding, index) => h("li", {}, card(finding, index === 0 ? diagnosis.main_action : undefined)))),
      checked(diagnosis, nothingWrong));
  };
  const card = (finding, main) => {
    const [severity, tone] = SEVERITY[finding.severity] ?? [plain(finding.severity), "mute"];
    const [certainty] = CERTAINTY[finding.certainty] ?? [plain(finding.certainty)];
    const failed = h("div", {});
    const action = main ? main.action : finding.fix.action;
    return h("article", { class: `finding ${tone}`, "data-cause": finding.cause, "data-severity": finding.severity },
      h("h3", {}, withTimes(finding.summary), " ", badge(severity, tone), badge(certainty, "mute")),
      finding.evidence?.length ? h("ul", { class: "evidence" }, finding.evidence.map(evidence)) : null,
      finding.suggestion && h("p", {}, "Did they mean ", suggested(finding), "?"),
      h("p", { class: "fix" }, main?.kind === "ask" && !finding.fix.text.startsWith("Ask") && h("strong", {}, `${main.label}. `), withTimes(finding.fix.text)),
      main?.kind === "wait" && h("p", {}, h("strong", {}, "Check again: "), time(main.wait_until, { exact: true })),
      main?.note && noteFor(main.note),
      finding.note_for_recipient_it && noteForIt(finding.note_for_recipient_it),
      failed,
      h("div", { class: "actions" }, action && button(action, main, failed), h("a", { href: `/findings/${encodeURIComponent(finding.cause.replaceAll("_", "-"))}/` }, "Learn more")));
  };
  const button = (action, main, failed) => {
    const { run, done: message } = runner(action);
    const button = h("button", { type: "button", class: main ? "" : "quiet", "data-fix": "" }, action.label);
    button.addEventListener("click", async () => {
      button.disabled = true;
      failed.replaceChildren();
      try {
        const answer = await run();
        if (answer === undefined) return;
        if (answer?.email && answer.email !== address) {
          address = answer.email;
          moved(address);
        }
        finished(message, answer?.email_id);
      } catch (failure) {
        fail(failed, failure);
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

/** What to send to the person who has to act. */
const noteFor = (note) => h("details", { class: "behind" }, h("summary", {}, "A note for them"), copyable(note, "the note"));

/** What the recipient's administrator needs to find the email, in the language that they read. */
function noteForIt(texts) {
  const names = new Intl.DisplayNames(["en"], { type: "language" });
  const note = h("div", {});
  const show = (language) => fill(note, h("div", { lang: language, dir: language === "ar" ? "rtl" : "ltr" }, copyable(texts[language], "the note")));
  const choice = h("select", { "aria-label": "Language of the note" }, ["en", ...Object.keys(texts).filter((one) => one !== "en")].map((one) => h("option", { value: one }, names.of(one))));
  choice.addEventListener("change", () => show(choice.value));
  show("en");
  return h("details", { class: "behind", "data-note-for-it": "" }, h("summary", {}, "A note for the recipient’s IT"), h("p", {}, choice), note);
}

/** If no user has the address, the suggestion is the address of an existing user, so it links to that user. */
const suggested = ({ cause, suggestion }) =>
  cause === "no_such_user" ? h("a", { href: `/admin/diagnosis/?email=${encodeURIComponent(suggestion)}` }, suggestion) : h("strong", {}, suggestion);

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

function checked({ checked: list = [], event_path: path }, open) {
  if (!list.length && !path) return null;
  return h("details", { class: "checked", open },
    h("summary", {}, `What we checked (${list.length + (path ? 1 : 0)})`),
    h("ul", {}, list.map(({ check, summary }) => h("li", {}, h("strong", {}, plain(check)), ": ", withTimes(summary))),
      path && h("li", {}, h("strong", {}, "Delivery events"), ": ", withTimes(path.summary))));
}

// Signs in and out. The session is a cookie that scripts can't read. The token in the response is for API clients and
// isn't used here.

import { call } from "./api.js";
import { forget, recall, remember } from "./asked.js";
import { clockIn, connect, fillIn, inWords, notify, notifyFailure, refuseField, show } from "./form.js";
import { carry, portal, wanted } from "./portal.js";
import { suggest } from "./suggestion.js";

const signIn = document.querySelector("[data-sign-in]");
const signOut = document.querySelector("[data-sign-out]");
const { email, password, one_time_code: code } = signIn.elements;

/** Apart from the portal, the only page this page redirects to: the console sends users here to sign in. */
const CONSOLE = "/admin/#return";
const fromConsole = new URLSearchParams(location.search).get("return") === "console";

/**
 * Scripts can't see the session cookie, so this cookie tells them that there may be a session. Without it the page doesn't
 * ask for the session: the request would fail with 401, and browsers would log an error.
 */
const HINT = "__Host-mailkey-signed-in";
/** Duration of a session, in seconds. */
const SESSION = 12 * 3600;
const hint = (seconds) => (document.cookie = `${HINT}=1; Path=/; Max-Age=${seconds}; Secure; SameSite=Strict`);

connect(signIn, async ({ one_time_code: typed, ...values }) => {
  const answer = await call("POST", "/api/sign-in", typed ? { ...values, one_time_code: typed } : values);
  const { status, body, wait } = answer;
  if (status === 200) {
    signIn.reset();
    askForCode(false);
    forget();
    hint(SESSION);
    welcome(body.user, { isNew: true });
  } else if (status === 400) {
    refuseField(email, [email.dataset.malformed]);
  } else if (status === 401 && body.code === "second-factor-required") {
    askForCode(true);
    notify(signIn, "second-factor-required");
    code.focus();
  } else if (status === 401) {
    // The password was right before a code was asked for, so now the code is probably wrong.
    if (typed) {
      code.value = "";
      return notify(signIn, "wrong-code");
    }
    password.value = "";
    notify(signIn, "invalid-credentials");
  } else if (status === 423) {
    password.value = "";
    if (body.recovery_required) return notify(signIn, "recovery-required");
    notify(signIn, "account-locked", { wait: wait && inWords(wait), until: wait && clockIn(wait) });
  } else if (status === 403 && body.code === "account-inactive") {
    notify(signIn, "account-inactive");
  } else {
    notifyFailure(signIn, answer);
  }
});

/** Shows or hides the field for the code of a second factor. */
function askForCode(on) {
  signIn.querySelector("[data-code]").hidden = !on;
  code.required = on;
  if (!on) code.value = "";
}

// With another address, the account may have no second factor.
email.addEventListener("input", () => askForCode(false));

connect(signOut, async () => {
  const answer = await call("POST", "/api/sign-out");
  // 401 means the session has already ended.
  if (answer.status === 204 || answer.status === 401) {
    hint(0);
    show(["signed-out"], { focus: false });
    notify(signIn, "signed-out", {}, { good: true });
  } else {
    notifyFailure(signOut, answer);
  }
});

/** @param {{isNew?: boolean}} [session] whether the user has just signed in, and so is on the way to somewhere */
function welcome(user, { isNew = false } = {}) {
  const helps = ["support", "admin"].includes(user.role);
  if (helps && fromConsole) return location.replace(CONSOLE);
  const next = wanted ?? (helps ? undefined : portal);
  if (isNew && next) return location.replace(next);
  document.querySelector("[data-console]").hidden = !helps;
  const state = document.querySelector('[data-state="signed-in"]');
  fillIn(state, { name: user.display_name || user.email, email: user.email });
  show(["signed-in"], { focus: isNew });
}

suggest(signIn);
carry();
email.value ||= recall().address ?? "";
signIn.addEventListener("click", ({ target }) => {
  if (target.closest("a") && email.value) remember(email.value);
});

// Show the signed-in state if there is a session. The console has just checked, so skip the request if it sent the user here.
if (!fromConsole && document.cookie.includes(`${HINT}=`)) {
  const session = await call("GET", "/api/session");
  if (session.status === 200) welcome(session.body.user);
  if (session.status === 401) hint(0);
}

// Signs in and out. The session is a cookie that scripts can't read. The token in the response is for API clients and
// isn't used here.

import { call } from "./api.js";
import { clockIn, connect, fillIn, inWords, notify, notifyFailure, refuseField, show } from "./form.js";

const signIn = document.querySelector("[data-sign-in]");
const signOut = document.querySelector("[data-sign-out]");
const { email, password } = signIn.elements;

/** The only page this page redirects to: the console sends users here to sign in. */
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

connect(signIn, async (values) => {
  const answer = await call("POST", "/api/sign-in", values);
  const { status, body, wait } = answer;
  if (status === 200) {
    signIn.reset();
    hint(SESSION);
    welcome(body.user);
  } else if (status === 400) {
    refuseField(email, [email.dataset.malformed]);
  } else if (status === 401) {
    password.value = "";
    notify(signIn, "invalid-credentials");
  } else if (status === 423) {
    password.value = "";
    notify(signIn, "account-locked", { wait: wait && inWords(wait), until: wait && clockIn(wait) });
  } else if (status === 403 && body.code === "account-inactive") {
    notify(signIn, "account-inactive");
  } else {
    notifyFailure(signIn, answer);
  }
});

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

function welcome(user, { focus = true } = {}) {
  const helps = ["support", "admin"].includes(user.role);
  if (helps && fromConsole) return location.replace(CONSOLE);
  document.querySelector("[data-console]").hidden = !helps;
  const state = document.querySelector('[data-state="signed-in"]');
  fillIn(state, { name: user.display_name || user.email, email: user.email });
  show(["signed-in"], { focus });
}

// Show the signed-in state if there is a session. The console has just checked, so skip the request if it sent the user here.
if (!fromConsole && document.cookie.includes(`${HINT}=`)) {
  const session = await call("GET", "/api/session");
  if (session.status === 200) welcome(session.body.user, { focus: false });
  if (session.status === 401) hint(0);
}

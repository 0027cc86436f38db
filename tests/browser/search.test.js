// The search finds what people mean. The ranking runs here without a browser, on the index of the running service.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { after, test } from "node:test";
import { startMailkey } from "./support/mailkey.js";

const script = readFileSync(new URL("../../docs-site/assets/ranking.js", import.meta.url), "utf8");
const { excerpt, find, marked, mistakesBetween, read } = await import(`data:text/javascript,${encodeURIComponent(script)}`);

const mailkey = await startMailkey();
after(() => mailkey.stop());

const QUERIES = {
  "": {
    "/forgot-password/": ["reset password", "forgot my password", "change password", "i lost my pasword", "send me a new link", "passwrd reset", "how do I reset my password"],
    "/sign-in/": ["login", "log in", "sign in"],
    "/guide/": ["no email", "didn't receive", "not arriving", "email never came", "I haven't received the email", "whitelist", "spam folder", "junk", "change my email address"],
    "/faq/": ["locked out", "acount locked", "expired link", "password requirements", "didn't ask for this email", "invalid token"],
    "/operators/domain-events/": ["webhook", "eventbridge"],
    "/problems/too-many-requests/": ["429"],
    "/operators/import/": ["import users csv"],
    "/operators/cli/": ["install cli"],
    "/operators/suppressions/": ["suppression list"],
    "/operators/deploy/": ["deploy to aws"],
    "/admins/make-an-api-key/": ["create api key"],
  },
  de: {
    "/de/forgot-password/": ["Passwort vergessen", "neues Passwort", "passwort zurücksetzen"],
    "/de/guide/": ["E-Mail kommt nicht an", "keine mail bekommen", "spam", "Freigabe durch die IT-Abteilung"],
    "/de/faq/": ["Konto gesperrt", "ungültiger Link", "gespert"],
    "/de/sign-in/": ["einloggen"],
  },
  fr: {
    "/fr/forgot-password/": ["mot de passe oublié", "réinitialiser mot de passe", "mdp oublié"],
    "/fr/guide/": ["je n'ai pas reçu l'e-mail", "courrier indésirable"],
    "/fr/faq/": ["compte bloqué", "lien expiré"],
    "/fr/sign-in/": ["connexion"],
  },
  es: {
    "/es/forgot-password/": ["olvidé mi contraseña", "restablecer contraseña", "cambiar la clave"],
    "/es/guide/": ["no me llega el correo", "correo no deseado"],
    "/es/faq/": ["cuenta bloqueada", "enlace caducado"],
    "/es/sign-in/": ["entrar"],
  },
  ar: {
    "/ar/forgot-password/": ["نسيت كلمة المرور", "تغيير كلمة السر"],
    "/ar/guide/": ["لم تصل الرسالة", "البريد المزعج"],
    "/ar/faq/": ["الحساب مقفل", "رابط غير صالح"],
    "/ar/sign-in/": ["تسجيل الدخول"],
  },
};

// Written before reading the ranking, with the pages that a person would accept; `#` names the section. Of these, 32 were
// right at first.
const UNSEEN = [
  ["en", "cant log in to my account", "/sign-in/ /guide/ /faq/ /forgot-password/"],
  ["en", "didnt get the reset mail", "/guide/ /help/no-email/"],
  ["en", "emial goes to spam foldr", "/guide/#junk"],
  ["en", "gmail", "/help/no-email/ /guide/ /help/no-email/junk/ /help/no-email/address/"],
  ["en", "link does not work anymore", "/faq/#invalid-token"],
  ["en", "how long is the link valid", "/faq/#link-lifetime"],
  ["en", "too many wrong passwords", "/faq/#account-locked"],
  ["en", "change my email address", "/guide/#wrong-address"],
  ["en", "mailbox is full", "/findings/mailbox-full/ /guide/ /help/no-email/before/"],
  ["en", "authenticator app for admins", "/admins/your-account/"],
  ["en", "docker aws install sam", "/operators/deploy/"],
  ["en", "pasword requirments", "/faq/"],
  ["en", "gdpr delete user data", "/operators/stored-data/ /admins/find-a-user/"],
  ["en", "csv upload of users", "/operators/import/"],
  ["en", "rate limit 429", "/problems/too-many-requests/"],
  ["en", "send logo and colors", "/operators/branding/"],
  ["en", "cognito", "/operators/portal-email/"],
  ["en", "invite email never came first time", "/activate/ /guide/ /help/no-email/ /faq/"],
  ["de", "Kennwort vergessen", "/forgot-password/"],
  ["de", "ich bekomme keine mail", "/help/no-email/ /guide/"],
  ["de", "konto gespert", "/faq/#account-locked"],
  ["de", "link abgelaufen", "/guide/ /help/no-email/old/ /help/no-email/link/ /faq/"],
  ["de", "einloggen geht nicht", "/sign-in/ /guide/ /faq/"],
  ["de", "junk ordner outlook", "/help/no-email/junk/ /guide/"],
  ["de", "Postfach voll", "/guide/ /help/no-email/before/"],
  ["fr", "mot de pass oublié", "/forgot-password/"],
  ["fr", "je ne recois pas le mail", "/help/no-email/ /guide/"],
  ["fr", "compte bloqué", "/faq/#account-locked"],
  ["fr", "courrier indésirable", "/help/no-email/junk/ /guide/"],
  ["fr", "le lien ne marche pas", "/guide/ /help/no-email/link/ /faq/ /help/no-email/old/"],
  ["fr", "se connecter", "/sign-in/"],
  ["es", "olvide mi contraseña", "/forgot-password/"],
  ["es", "no me llega el correo", "/help/no-email/ /guide/"],
  ["es", "cuenta bloqueada", "/faq/#account-locked"],
  ["es", "carpeta de spam", "/help/no-email/junk/ /guide/"],
  ["es", "enlace caducado", "/guide/ /help/no-email/old/ /help/no-email/link/ /faq/"],
  ["es", "buzon lleno", "/guide/ /help/no-email/before/"],
  ["ar", "نسيت كلمة السر", "/forgot-password/"],
  ["ar", "لم تصلني الرسالة", "/help/no-email/ /guide/"],
  ["ar", "الحساب مقفل", "/faq/#account-locked"],
  ["ar", "انتهت صلاحية الرابط", "/guide/ /help/no-email/old/ /help/no-email/link/ /faq/"],
  ["ar", "تسجيل دخول", "/sign-in/"],
];

const indexes = new Map();
/** The index of a language, as its search page loads it. */
async function indexOf(language) {
  if (!indexes.has(language)) {
    const html = await (await mailkey.ask("GET", `/${language || "en"}/search/`)).text();
    const attribute = (name) => new RegExp(`data-${name}="([^"]*)"`).exec(html)[1].replaceAll("&#39;", "'");
    const files = attribute("index").split(" ").map(async (path) => (await mailkey.ask("GET", path)).json());
    const entries = (await Promise.all(files)).flat();
    indexes.set(language, read(entries, { ignored: attribute("ignored"), synonyms: attribute("synonyms") }));
  }
  return indexes.get(language);
}

test("each query finds the right page first", async () => {
  const wrong = [];
  for (const [language, pages] of Object.entries(QUERIES)) {
    const index = await indexOf(language);
    for (const [path, queries] of Object.entries(pages)) {
      for (const query of queries) {
        const { found } = find(index, query);
        const paths = found.map(({ page }) => page.path);
        if (paths[0] !== path) wrong.push(`${query}: ${paths.slice(0, 3)} instead of ${path}`);
      }
    }
  }
  assert.deepEqual(wrong, []);
});

test("queries that the ranking wasn't made for find an acceptable page first", async () => {
  const wrong = [];
  for (const [language, query, accepted] of UNSEEN) {
    const prefix = language === "en" ? "" : language;
    const { page, part } = find(await indexOf(prefix), query).found[0] ?? { page: { path: "nothing" } };
    const path = prefix ? page.path.replace(`/${prefix}/`, "/") : page.path;
    if (!accepted.split(" ").some((one) => one === path || one === `${path}#${part?.id}`)) wrong.push(`${query}: ${path}#${part?.id} instead of ${accepted}`);
  }
  assert.deepEqual(wrong, []);
});

test("there are at least fifty queries", () => {
  assert.ok(Object.values(QUERIES).flatMap((pages) => Object.values(pages).flat()).length >= 50);
});

test("a result has prose, and none leads to an example of a response", async () => {
  const { pages } = await indexOf("");
  const parts = pages.flatMap(({ path, parts }) => parts.map((part) => ({ path, ...part })));
  assert.ok(parts.length > 500);
  for (const { path, id, heading, text } of parts) {
    assert.doesNotMatch(heading, /^Example response/, `${path}#${id}`);
    assert.doesNotMatch(text, /^\s*[{[]/, `${path}#${id}`);
  }
});

test("if no page has all words, those with most of them are found, and the reader is told", async () => {
  const index = await indexOf("");
  const { found, exact } = find(index, "xyzzy invalid token");
  assert.equal(exact, false);
  assert.match(found[0].page.path, /^\/(faq|problems\/invalid-token)\/$/);
  assert.deepEqual(find(index, "xyzzy").found, []);
  assert.equal(find(index, "quarantne").exact, false);
  assert.equal(find(index, "quarantine").exact, true);
});

test("words to ignore alone still find something", async () => {
  assert.ok(find(await indexOf(""), "who are we").found.length > 0);
});

test("mistakes are counted as people make them", () => {
  for (const [a, b, mistakes] of [["password", "pasword", 1], ["locked", "lokced", 1], ["link", "lunk", 1], ["email", "emial", 1], ["", "ab", 2]]) {
    assert.equal(mistakesBetween(a, b), mistakes, `${a} ${b}`);
  }
});

test("excerpts show the match, and matches are marked with their accents", () => {
  const text = `${"before ".repeat(30)}Quarantäne ${"after ".repeat(60)}`;
  const words = new Set(["quarantane"]);
  assert.match(excerpt(text, words), /^… before .* Quarantäne after .* …$/);
  assert.deepEqual(marked("In Quarantäne.", words), [["In ", false], ["Quarantäne", true], [".", false]]);
});

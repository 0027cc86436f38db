// Tells the service that a link was opened, and by whom: by a person, who touches something, or by a mail filter, which
// runs the page and goes. It says so by the digest of the link's secret, the form in which the service knows it; the
// secret itself stays here, and nothing is spent. Nobody waits for it, and nobody has to know whether it worked.

/** Whoever did nothing for so long may be a filter, in milliseconds. A person who comes later is still told of. */
const PATIENCE = 8_000;

/** What a person does and a script can't: `isTrusted` is the browser's word for it. */
const SIGNS = ["pointerdown", "keydown", "touchstart"];

/** @param {string} secret of the link that was opened */
export async function watch(secret) {
  let digest;
  try {
    digest = await digestOf(secret);
  } catch {
    return; // There is no cryptography outside of a secure context.
  }
  const stop = new AbortController();
  const { signal } = stop;
  let told = false;
  const opened = () => {
    if (!told) tell(digest, "opened");
    told = true;
  };
  const timer = setTimeout(opened, PATIENCE);
  const person = ({ isTrusted }) => {
    if (!isTrusted) return;
    told = true;
    clearTimeout(timer);
    stop.abort();
    tell(digest, "person");
  };
  for (const sign of SIGNS) addEventListener(sign, person, { signal, capture: true, passive: true });
  addEventListener("pagehide", opened, { signal });
}

function tell(digest, how) {
  fetch("/api/link-landings", {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ token_digest: digest, how }),
    cache: "no-store",
    credentials: "omit",
    keepalive: true,
    redirect: "error",
  }).catch(() => {});
}

/** SHA-256 of the bytes that the text stands for in base64url; itself in base64url without padding. */
async function digestOf(text) {
  const secret = Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (c) => c.charCodeAt(0));
  const bytes = new Uint8Array(await crypto.subtle.digest("SHA-256", secret));
  return btoa(String.fromCharCode(...bytes)).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}

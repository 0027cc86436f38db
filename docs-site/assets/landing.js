// Reports that a link was opened, and whether by a person or possibly by a mail scanner, which loads the page without
// touching it. The report contains only a digest of the link's secret and doesn't use up the link. Failures are ignored.
//
// A link that arrived without its token is reported when a person acts on the page, because scanners often remove fragments.

/** Without input for this long, the visitor may be a scanner, in milliseconds. Input after that is still reported. */
const SCANNER_DELAY = 8_000;

/** Events that show a person. Scripts can't create them with `isTrusted` set. */
const INPUT_EVENTS = ["pointerdown", "keydown", "touchstart"];

let stop;

/**
 * @param {string | null} secret of the link that was opened, if it has one
 * @param {boolean} damaged whether the link arrived without it
 */
export async function watch(secret, damaged) {
  let digest;
  try {
    digest = secret ? await digestOf(secret) : undefined;
  } catch {
    return; // `crypto.subtle` only exists in a secure context.
  }
  stop?.abort();
  stop = new AbortController();
  const { signal } = stop;
  let reported = !secret;
  const opened = () => {
    if (!reported) report(digest, "opened");
    reported = true;
  };
  const timer = setTimeout(opened, SCANNER_DELAY);
  const person = ({ isTrusted }) => {
    if (!isTrusted) return;
    reported = true;
    clearTimeout(timer);
    stop.abort();
    if (digest) report(digest, "person");
    if (damaged) report(digest, "damaged");
  };
  for (const name of INPUT_EVENTS) addEventListener(name, person, { signal, capture: true, passive: true });
  addEventListener("pagehide", opened, { signal });
}

function report(digest, how) {
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

/** SHA-256 of a base64url-encoded secret, as unpadded base64url. */
async function digestOf(text) {
  const secret = Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (c) => c.charCodeAt(0));
  const bytes = new Uint8Array(await crypto.subtle.digest("SHA-256", secret));
  return btoa(String.fromCharCode(...bytes)).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}

// The only place that talks to the service. It never throws: whatever happens, there is an answer to show.

/** After this long we say that the service can't be reached, in milliseconds. Hashing a password takes one second at most. */
const PATIENCE = 20_000;

/**
 * @param {"GET" | "POST"} method
 * @param {string} path
 * @param {object} [body] sent as JSON
 * @returns {Promise<{status: number, body: object, wait?: number}>} `status` is 0 if there was no answer; `wait` is the
 *   time to wait before the next try, in seconds, if the service named one.
 */
export async function call(method, path, body) {
  const headers = { accept: "application/json, application/problem+json" };
  if (body !== undefined) headers["content-type"] = "application/json";
  try {
    const response = await fetch(path, {
      method,
      headers,
      body: JSON.stringify(body),
      cache: "no-store",
      credentials: "same-origin",
      redirect: "error",
      signal: AbortSignal.timeout(PATIENCE),
    });
    return { status: response.status, body: await json(response), wait: secondsToWait(response) };
  } catch {
    return { status: 0, body: {} };
  }
}

/** An answer need not be ours: a proxy in between answers with HTML. */
async function json(response) {
  try {
    return (await response.json()) ?? {};
  } catch {
    return {};
  }
}

/** `Retry-After` is a number of seconds or a date. */
function secondsToWait(response) {
  const value = response.headers.get("retry-after");
  if (!value) return undefined;
  const seconds = /^\d+$/.test(value) ? Number(value) : (Date.parse(value) - Date.now()) / 1000;
  return Number.isFinite(seconds) ? Math.max(1, Math.ceil(seconds)) : undefined;
}

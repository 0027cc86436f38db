// The only module that calls the API. It never throws: every failure becomes a result that the page can show.

/** In milliseconds. Hashing a password takes up to a second. */
const TIMEOUT = 20_000;

/**
 * @param {"GET" | "POST"} method
 * @param {string} path
 * @param {object} [body] sent as JSON
 * @returns {Promise<{status: number, body: object, wait?: number}>} `status` is 0 if there was no response; `wait` is the
 *   number of seconds to wait before retrying, from `Retry-After`
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
      signal: AbortSignal.timeout(TIMEOUT),
    });
    return { status: response.status, body: await json(response), wait: secondsToWait(response) };
  } catch {
    return { status: 0, body: {} };
  }
}

/** A proxy in between may respond with HTML. */
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

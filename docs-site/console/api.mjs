// The console's only module that calls the API.

/** In milliseconds. */
const TIMEOUT = 20_000;

/** An unsuccessful response: a problem (RFC 9457), or no response at all. */
export class Failure extends Error {
  /** @param {{status: number, code?: string, title: string, detail: string, wait?: number}} problem */
  constructor({ status, code, title, detail, wait }) {
    super(title);
    this.status = status;
    this.code = /^[a-z-]+$/.test(code ?? "") ? code : undefined;
    this.title = title;
    this.detail = detail;
    this.wait = wait;
  }
}

/**
 * @param {"GET" | "POST" | "PUT" | "PATCH" | "DELETE"} method
 * @param {string} path below `/api/`
 * @param {{body?: object, query?: Record<string, string | number | undefined | null>, signal?: AbortSignal, background?: boolean}} [options]
 *   `background`: the page asks by itself, which doesn't count as use of the session
 * @returns {Promise<any>} the JSON of a successful response, or `null` if it has none
 * @throws {Failure} for every other response; an `AbortError` if `signal` ended the request
 */
export async function call(method, path, { body, query, signal, background = false } = {}) {
  const headers = { accept: "application/json, application/problem+json" };
  if (background) headers["mailkey-background"] = "1";
  if (body !== undefined) headers["content-type"] = "application/json";
  const timeout = AbortSignal.timeout(TIMEOUT);
  let response;
  try {
    response = await fetch(path + queryString(query), {
      method,
      headers,
      body: body === undefined ? undefined : JSON.stringify(body),
      cache: "no-store",
      credentials: "same-origin",
      redirect: "error",
      signal: signal ? AbortSignal.any([signal, timeout]) : timeout,
    });
  } catch (error) {
    if (signal?.aborted) throw error;
    throw unreachable();
  }
  const answer = await json(response);
  if (response.ok) return answer;
  throw new Failure({
    status: response.status,
    code: answer?.code,
    title: answer?.title ?? "The service returned an error",
    detail: answer?.detail ?? `The response has status ${response.status} and no explanation.`,
    wait: Number(response.headers.get("retry-after")) || undefined,
  });
}

/**
 * Shows the expected result before the response arrives, and rolls it back on failure. Use it only where the result is
 * predictable and failure is rare and harmless.
 * @template T
 * @param {{show: () => void, act: () => Promise<T>, rollBack: () => void}} update
 */
export async function optimistically({ show, act, rollBack }) {
  show();
  try {
    return await act();
  } catch (failure) {
    rollBack();
    throw failure;
  }
}

/** `?a=b` without the unset values; empty if none is set. */
export function queryString(query = {}) {
  const set = Object.entries(query).filter(([, value]) => value !== undefined && value !== null && value !== "");
  const text = new URLSearchParams(set).toString();
  return text && `?${text}`;
}

function unreachable() {
  return navigator.onLine
    ? new Failure({ status: 0, title: "The service can’t be reached", detail: "Check your connection and try again." })
    : new Failure({ status: 0, title: "You’re offline", detail: "Try again once you’re connected." });
}

/** A proxy in between may respond with HTML. */
async function json(response) {
  try {
    return await response.json();
  } catch {
    return null;
  }
}

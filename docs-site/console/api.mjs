// The only place of the console that talks to the service.

/** After this long we say that the service can't be reached, in milliseconds. */
const PATIENCE = 20_000;

/** An answer that is not what was asked for: a problem (RFC 9457), or none at all. */
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
 * @param {{body?: object, query?: Record<string, string | number | undefined | null>, signal?: AbortSignal}} [options]
 * @returns {Promise<any>} the JSON of the answer, or `null` where it has none
 * @throws {Failure} for every other answer; an `AbortError` if `signal` ended it
 */
export async function call(method, path, { body, query, signal } = {}) {
  const headers = { accept: "application/json, application/problem+json" };
  if (body !== undefined) headers["content-type"] = "application/json";
  const patience = AbortSignal.timeout(PATIENCE);
  let response;
  try {
    response = await fetch(path + queryString(query), {
      method,
      headers,
      body: body === undefined ? undefined : JSON.stringify(body),
      cache: "no-store",
      credentials: "same-origin",
      redirect: "error",
      signal: signal ? AbortSignal.any([signal, patience]) : patience,
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
    title: answer?.title ?? "The service answered with an error",
    detail: answer?.detail ?? `It said ${response.status}, and nothing else.`,
    wait: Number(response.headers.get("retry-after")) || undefined,
  });
}

/**
 * Shows what will be at once, and has it done; where it is not done, shows what was. For what can hardly be refused, harms
 * nobody if it is, and can be told beforehand.
 * @template T
 * @param {{show: () => void, act: () => Promise<T>, takeBack: () => void}} deed
 */
export async function ahead({ show, act, takeBack }) {
  show();
  try {
    return await act();
  } catch (failure) {
    takeBack();
    throw failure;
  }
}

/** `?a=b`, without what is not set; empty if nothing is. */
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

/** An answer need not be ours: a proxy in between answers with HTML. */
async function json(response) {
  try {
    return await response.json();
  } catch {
    return null;
  }
}

// Remembers the typed address in this tab, so that users needn't type it again on the next form and notice a typing
// mistake. It never leaves the tab, and signing in removes it.

const KEY = "asked-address";

/**
 * @param {string} address
 * @param {{asked?: boolean}} [options] whether a link has just been requested for it
 */
export function remember(address, { asked = false } = {}) {
  try {
    sessionStorage.setItem(KEY, JSON.stringify({ address, at: asked ? Date.now() : 0 }));
  } catch {
    // Storage may be disabled. The next page works without the address.
  }
}

/** @returns {{address?: string, at?: number}} the address, and when a link was last requested for it */
export function recall() {
  try {
    return JSON.parse(sessionStorage.getItem(KEY)) ?? {};
  } catch {
    return {};
  }
}

export function forget() {
  try {
    sessionStorage.removeItem(KEY);
  } catch {
    // Nothing was stored.
  }
}

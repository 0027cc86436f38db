// Passes the typed address on to the next page, so that users notice a typing mistake. It is read once and never leaves
// this tab.

const KEY = "asked-address";

export function remember(address) {
  try {
    sessionStorage.setItem(KEY, address);
  } catch {
    // Storage may be disabled. The next page works without the address.
  }
}

export function recall() {
  try {
    const address = sessionStorage.getItem(KEY);
    sessionStorage.removeItem(KEY);
    return address;
  } catch {
    return null;
  }
}

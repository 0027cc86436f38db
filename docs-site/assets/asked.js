// Hands the address that was typed from the page that asks to the page that answers, so that a typing mistake is seen.
// It is read once, and never leaves this tab.

const KEY = "asked-address";

export function remember(address) {
  try {
    sessionStorage.setItem(KEY, address);
  } catch {
    // Storage may be switched off. The next page does without.
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

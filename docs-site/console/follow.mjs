// Follows an email that was just sent until its outcome is known.

import { call } from "./api.mjs";
import { badge, fill, h } from "./dom.mjs";
import { time } from "./times.mjs";
import { KIND, STATUS, plain, reason } from "./words.mjs";

/** Pauses between checks, in milliseconds: short at first, about two minutes in total. */
const PAUSES = [300, 500, 700, 1000, 1000, 1500, 2000, 2000, 3000, 3000, 5000, 5000, 10_000, 10_000, 15_000, 30_000, 30_000];

/** Statuses that are unlikely to change soon. */
const FINAL = ["skipped", "send_failed", "soft_bounced", "delivered", "blocked", "rejected", "suppressed", "bounced", "complained"];

/**
 * Shows the delivery status of an email in `place` and keeps it up to date.
 * @param {HTMLElement} place
 * @param {string} id of its log entry
 * @param {{message: string, changed?: () => void}} options `message` says what was done; `changed` runs at every new status
 */
export async function follow(place, id, { message, changed = () => {} }) {
  place.hidden = false;
  const state = h("p", { role: "status" }, badge("Preparing", "info"));
  const box = h("div", { class: "notice good" }, h("p", {}, h("strong", {}, message)), state, h("p", {}, h("a", { href: `/admin/email/?id=${encodeURIComponent(id)}` }, "View email")));
  fill(place, box);
  place.focus();
  let shown = null;
  for (const pause of PAUSES) {
    await new Promise((resolve) => setTimeout(resolve, pause));
    if (!box.isConnected) return;
    const entry = await find(id);
    if (!entry || entry.status === shown) continue;
    shown = entry.status;
    const [name, tone, , meaning] = STATUS[entry.status] ?? [plain(entry.status), "mute", "", ""];
    const why = entry.reason ? ` ${reason(entry.reason)}.` : "";
    fill(state, badge(name, tone), ` ${KIND[entry.kind] ?? plain(entry.kind)} to ${entry.recipient}, `, time(entry.updated_at), `. ${meaning}${why}`);
    box.className = `notice ${tone === "bad" || entry.status === "skipped" ? "bad" : "good"}`;
    changed();
    if (FINAL.includes(entry.status)) return;
  }
}

/** The log entry. It doesn't exist until the mailer has picked up the request. */
async function find(id) {
  try {
    return await call("GET", `/api/admin/email-log/${encodeURIComponent(id)}`, { background: true });
  } catch {
    return null;
  }
}

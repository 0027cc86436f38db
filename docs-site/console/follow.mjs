// Follows an email that was just sent until it is clear what became of it.

import { call } from "./api.mjs";
import { badge, fill, h } from "./dom.mjs";
import { time } from "./times.mjs";
import { KIND, STATUS, plain, reason } from "./words.mjs";

/** When to look again, in milliseconds: often at first, for about two minutes in all. */
const PAUSES = [300, 500, 700, 1000, 1000, 1500, 2000, 2000, 3000, 3000, 5000, 5000, 10_000, 10_000, 15_000, 30_000, 30_000];

/** Statuses after which nothing more is to be expected soon. */
const ENDS = ["skipped", "send_failed", "soft_bounced", "delivered", "refused", "rejected", "not_sent", "bounced", "complained"];

/**
 * Shows in `place` what becomes of an email.
 * @param {HTMLElement} place
 * @param {string} id of its log entry
 * @param {{said: string, changed?: () => void}} options `said` is what was done; `changed` runs at every new status
 */
export async function follow(place, id, { said, changed = () => {} }) {
  place.hidden = false;
  const state = h("p", { role: "status" }, badge("Being prepared", "info"));
  const box = h("div", { class: "notice good" }, h("p", {}, h("strong", {}, said)), state, h("p", {}, h("a", { href: `/admin/email/?id=${encodeURIComponent(id)}` }, "Open this email")));
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
    if (ENDS.includes(entry.status)) return;
  }
}

/** The entry; there is none before the mailer has taken the request up. */
async function find(id) {
  try {
    return await call("GET", `/api/admin/email-log/${encodeURIComponent(id)}`);
  } catch {
    return null;
  }
}

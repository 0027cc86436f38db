// Runs Lighthouse in a separate Chromium that can only reach the service.

import { launch } from "chrome-launcher";
import lighthouse from "lighthouse";

/** Performance varies between runs, so the best of this many counts. */
const RUNS = 3;

const FLAGS = [
  "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update", "--disable-sync", "--no-first-run",
  // No host except the local one resolves.
  "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
];

/**
 * The scores of a page by category, from 0 to 100, and the audits that cost points.
 * @returns {Promise<{scores: Record<string, number>, lost: string[]}>}
 */
export async function score(url) {
  const chrome = await launch({ chromePath: process.env.CHROMIUM ?? "/usr/bin/chromium", chromeFlags: FLAGS, logLevel: "silent" });
  try {
    let best;
    for (let run = 0; run < RUNS && !(best?.lost.length === 0); run++) {
      const { lhr } = await lighthouse(url, { port: chrome.port, logLevel: "silent", output: "json" });
      if (lhr.runtimeError) throw new Error(`${url}: ${lhr.runtimeError.message}`);
      const now = read(lhr);
      if (!best || sum(now.scores) > sum(best.scores)) best = now;
    }
    return best;
  } finally {
    chrome.kill();
  }
}

function read({ categories, audits }) {
  const scores = Object.fromEntries(Object.values(categories).map(({ id, score }) => [id, Math.round(score * 100)]));
  const weighed = Object.values(categories).flatMap(({ id, auditRefs }) => auditRefs.filter(({ weight }) => weight > 0).map((ref) => [id, audits[ref.id]]));
  const failed = weighed.filter(([id, { score }]) => scores[id] < 100 && score !== null && score < 1);
  return { scores, lost: failed.map(([category, { id, title, displayValue }]) => `${category}: ${id}: ${title} ${displayValue ?? ""}`) };
}

const sum = (scores) => Object.values(scores).reduce((all, score) => all + score, 0);

// The running service: started for a test file, and stopped with it.

import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import { setTimeout as pause } from "node:timers/promises";

const built = fileURLToPath(new URL("../../../target/debug/mailkey-local", import.meta.url));

/** Long enough for a busy machine, in milliseconds. */
const PATIENCE = 60_000;

/** Starts Mailkey in memory on a free port and waits until it is ready. */
export async function startMailkey(environment = {}) {
  const child = spawn(process.env.MAILKEY_BIN ?? built, ["--in-memory", "--port", "0"], {
    env: environment,
    stdio: ["ignore", "pipe", "pipe"],
  });
  // Otherwise the child would outlive a file that fails before its tests start.
  process.once("exit", () => child.kill("SIGKILL"));
  let said = "";
  let logs = "";
  child.stdout.setEncoding("utf8").on("data", (text) => (said += text));
  child.stderr.setEncoding("utf8").on("data", (text) => (logs += text));
  let failed = null;
  child.on("error", (error) => (failed = error));
  child.on("exit", (code) => (failed = new Error(`Mailkey ended with ${code}:\n${logs}`)));
  const url = await eventually("Mailkey is ready", () => {
    if (failed) throw failed;
    return /Mailkey is ready at (\S+?)\/?\s/.exec(said)?.[1];
  });
  return new Mailkey(url, child);
}

class Mailkey {
  constructor(url, child) {
    this.url = url;
    this.child = child;
    this.offset = 0;
  }

  stop() {
    this.child.removeAllListeners("exit");
    this.child.kill("SIGKILL");
  }

  /** Sends a request to the service, without the browser. */
  async ask(method, path, body) {
    const response = await fetch(this.url + path, {
      method,
      headers: { "content-type": "application/json" },
      body: body === undefined ? undefined : JSON.stringify(body),
    });
    if (response.status >= 500) throw new Error(`${method} ${path}: ${response.status}`);
    return response;
  }

  /** Advances the service's clock, so that limits from earlier tests don't apply. */
  async advanceClock(milliseconds) {
    this.offset += milliseconds;
    await this.ask("PUT", "/_local/clock", { offset_ms: this.offset });
  }

  /** Signs in with wrong passwords until the address is locked. */
  async lock(address) {
    for (let attempts = 0; attempts < 20; attempts++) {
      const { status } = await this.ask("POST", "/api/sign-in", { email: address, password: "not this one" });
      if (status === 423) return;
    }
    throw new Error(`${address} is not locked`);
  }

  async outbox(address) {
    return (await this.ask("GET", `/_local/outbox.json?to=${encodeURIComponent(address)}`)).json();
  }

  /** Requests a new link for an address. */
  async newLink(address) {
    await this.advanceClock(2 * 3600 * 1000);
    const before = (await this.outbox(address)).map((mail) => mail.id);
    await this.ask("POST", "/api/forgot-password", { email: address });
    const mail = await eventually(`an email to ${address}`, async () =>
      (await this.outbox(address)).find(({ id, links }) => !before.includes(id) && links.some(hasSecret)),
    );
    return mail.links.find(hasSecret);
  }
}

const hasSecret = (link) => link.includes("#token=");

/** Polls until there is a result. */
export async function eventually(what, ask) {
  const end = Date.now() + PATIENCE;
  for (;;) {
    const answer = await ask();
    if (answer) return answer;
    if (Date.now() > end) throw new Error(`timed out waiting for: ${what}`);
    await pause(20);
  }
}

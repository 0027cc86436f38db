// better-auth as its documentation recommends: email and password, SQLite, its own hashing. Emails aren't sent; /tokens
// returns the tokens they would contain.

import { createServer } from "node:http";
import { randomUUID } from "node:crypto";
import { betterAuth } from "better-auth";
import { toNodeHandler } from "better-auth/node";
import Database from "better-sqlite3";

const { PORT, DATA, USERS, PASSWORD } = process.env;
const database = new Database(DATA);
database.pragma("journal_mode = WAL");
const tokens = [];
const auth = betterAuth({
  baseURL: `http://127.0.0.1:${PORT}`,
  secret: "a secret of forty characters for a bench",
  database,
  telemetry: { enabled: false },
  rateLimit: { enabled: false },
  emailAndPassword: {
    enabled: true,
    sendResetPassword: async ({ token }) => void tokens.push(token),
  },
});

if (USERS) {
  const { getMigrations } = await import("better-auth/db/migration").catch(() => import("better-auth/db"));
  await (await getMigrations(auth.options)).runMigrations();
  const hash = await (await auth.$context).password.hash(PASSWORD);
  const now = new Date().toISOString();
  const user = database.prepare(
    "insert into user (id, name, email, emailVerified, createdAt, updatedAt) values (?, 'Somebody', ?, 1, ?, ?)",
  );
  const account = database.prepare(
    "insert into account (id, accountId, providerId, userId, password, createdAt, updatedAt) values (?, ?, 'credential', ?, ?, ?, ?)",
  );
  database.transaction(() => {
    for (let number = 0; number < Number(USERS); number++) {
      const id = randomUUID();
      user.run(id, `known-${number}@example.com`, now, now);
      account.run(randomUUID(), id, id, hash, now, now);
    }
  })();
  process.exit(0);
}

const handler = toNodeHandler(auth);
createServer((request, response) => {
  if (request.url === "/tokens") return response.end(JSON.stringify(tokens.splice(0)));
  if (request.url === "/ready") return response.end("yes");
  return handler(request, response);
}).listen(Number(PORT), "127.0.0.1");

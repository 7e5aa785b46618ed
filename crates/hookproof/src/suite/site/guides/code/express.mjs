import { createHash, timingSafeEqual } from "node:crypto";
import Database from "better-sqlite3";
import express from "express";

const SECRET = process.env.XSOLLA_WEBHOOK_SECRET_KEY;
if (!SECRET) throw new Error("XSOLLA_WEBHOOK_SECRET_KEY is not set");
const PLAYERS = new Set(["player-1001", "player-2002"]); // Your game.

const db = new Database("listener.db");
db.exec(`
  PRAGMA journal_mode = WAL;
  PRAGMA synchronous = FULL;
  CREATE TABLE IF NOT EXISTS events (type TEXT, id TEXT, PRIMARY KEY (type, id));
  CREATE TABLE IF NOT EXISTS grants (order_id TEXT, user TEXT, sku TEXT, quantity INTEGER);
`);
const insertEvent = db.prepare("INSERT OR IGNORE INTO events VALUES (?, ?)");
const findCanceled = db.prepare("SELECT 1 FROM events WHERE type = 'order_canceled' AND id = ?");
const insertGrant = db.prepare("INSERT INTO grants VALUES (?, ?, ?, ?)");
const deleteGrants = db.prepare("DELETE FROM grants WHERE order_id = ?");

class Refused extends Error {} // Answered with 400 and this error code.
const refuse = (code) => { throw new Refused(code); };

// An id is a string or an integer, and means the same.
const text = (value) =>
  (typeof value === "string" && value !== "") || Number.isSafeInteger(value) ? String(value) : refuse("INVALID_PARAMETER");
const known = (user) => (PLAYERS.has(user) ? user : refuse("INVALID_USER"));
const count = (value) => (Number.isSafeInteger(value) && value >= 0 ? value : refuse("INVALID_PARAMETER"));
// The primary key decides: false for a duplicate.
const isNew = (type, id) => insertEvent.run(type, id).changes === 1;

const handlers = {
  user_validation: (webhook) => known(text(webhook.user?.id)),
  payment(webhook) {
    if (webhook.user) known(text(webhook.user.id));
    isNew("payment", text(webhook.transaction?.id));
  },
  refund: (webhook) => isNew("refund", text(webhook.transaction?.id)),
  order_paid(webhook) {
    const order = text(webhook.order?.id);
    const user = known(text(webhook.user?.external_id));
    if (!Array.isArray(webhook.items)) refuse("INVALID_PARAMETER");
    const items = webhook.items.filter((item) => !item?.is_bundle_content)
      .map((item) => [text(item?.sku), count(item?.quantity)]);
    if (!isNew("order_paid", order) || findCanceled.get(order)) return;
    for (const [sku, quantity] of items) insertGrant.run(order, user, sku, quantity);
  },
  order_canceled(webhook) {
    const order = text(webhook.order?.id);
    known(text(webhook.user?.external_id));
    if (isNew("order_canceled", order)) deleteGrants.run(order);
  },
};

// Event and effect in one transaction. Other types are acknowledged.
const handle = db.transaction((webhook) => {
  const type = text(webhook?.notification_type);
  if (Object.hasOwn(handlers, type)) handlers[type](webhook);
});

// JSON.parse rounds numbers beyond 2^53, so long ones become strings first.
function parse(body) {
  try {
    const json = body.toString("utf8");
    JSON.parse(json);
    return JSON.parse(json.replace(/"(?:[^"\\]|\\.)*"|-?\d{16,}(?![\d.eE])/g,
      (token) => (token.startsWith('"') ? token : `"${token}"`)));
  } catch {
    return refuse("INVALID_PARAMETER");
  }
}

function verify(body, header) {
  const expected = Buffer.from(`Signature ${createHash("sha1").update(body).update(SECRET).digest("hex")}`);
  const given = Buffer.from(header ?? "");
  return given.length === expected.length && timingSafeEqual(given, expected);
}

const app = express();
// The raw body: parsed JSON cannot be verified.
app.post("/webhook", express.raw({ type: () => true, limit: "1mb" }), (request, response) => {
  const body = Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0);
  try {
    if (!verify(body, request.get("authorization"))) refuse("INVALID_SIGNATURE");
    handle(parse(body)); // Committed when it returns.
    response.status(204).end();
  } catch (error) {
    if (!(error instanceof Refused)) return response.status(500).end(); // Sent again.
    response.status(400).json({ error: { code: error.message, message: error.message } });
  }
});
app.listen(process.env.PORT ?? 8080, "127.0.0.1");

// A webhook listener for Xsolla's In-Game Store, in Node alone: no package is needed.
//
//     XSOLLA_WEBHOOK_SECRET_KEY=... node listener.mjs PORT [JOURNAL]
//
// The order of things is the point: bytes, signature, JSON, meaning, disk, answer. What is specific to
// your game are the two functions in the first section.

import { createHash, timingSafeEqual } from "node:crypto";
import { closeSync, existsSync, fdatasyncSync, ftruncateSync, openSync, readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";

const BODY_BYTES_MAX = 1024 * 1024;
const ID_CHARACTERS_MAX = 256;
const QUANTITY_MAX = 1e12;

// -- Your game ------------------------------------------------------------------------------------

const PLAYERS = new Set(["player-1001", "player-2002"]);

function playerExists(user) {
  return PLAYERS.has(user);
}

function grant(order, user, items) {
  grants.set(order, { user, items });
}

// -- What a notification means: an event to be recorded, or nothing ---------------------------------

// The sender's fault: answered with 400 and this code, and never sent again.
class Refused extends Error {}

function member(value, name, fits) {
  const found = value !== null && typeof value === "object" ? value[name] : undefined;
  if (!fits(found)) throw new Refused("INVALID_PARAMETER");
  return found;
}

const isText = (value) => typeof value === "string";
const isList = Array.isArray;
const isObject = (value) => value !== null && typeof value === "object" && !Array.isArray(value);
const isQuantity = (value) => Number.isSafeInteger(value) && value >= 0 && value <= QUANTITY_MAX;

// Ids come as numbers or as text, and mean the same. `parse` has turned the long ones into text.
const isId = (value) =>
  Number.isSafeInteger(value) || (isText(value) && value.length > 0 && value.length <= ID_CHARACTERS_MAX);
const id = (value, name) => String(member(value, name, isId));

function known(user) {
  if (!playerExists(user)) throw new Refused("INVALID_USER");
  return user;
}

// Whoever has paid. A payment may come without a user.
const buyer = (webhook) => ((webhook.user ?? null) === null ? null : id(webhook.user, "id"));

function orderOf(webhook) {
  const order = id(member(webhook, "order", isObject), "id");
  return { id: order, user: known(id(member(webhook, "user", isObject), "external_id")) };
}

const meanings = {
  user_validation(webhook) {
    known(id(member(webhook, "user", isObject), "id"));
    return null;
  },

  payment(webhook) {
    const transaction = id(member(webhook, "transaction", isObject), "id");
    const user = buyer(webhook);
    return { id: transaction, user: user === null ? null : known(user) };
  },

  // The money has gone back already, whether or not the player is still there.
  refund(webhook) {
    const transaction = id(member(webhook, "transaction", isObject), "id");
    return { id: transaction, user: buyer(webhook) };
  },

  order_paid(webhook) {
    const lines = member(webhook, "items", isList).map((line) => ({
      sku: id(line, "sku"),
      quantity: member(line, "quantity", isQuantity),
      listedInBundle: line.is_bundle_content === true,
    }));
    // A bundle is granted as itself; the lines that list what is in it give nothing.
    const items = lines.filter((line) => !line.listedInBundle).map((line) => [line.sku, line.quantity]);
    return { ...orderOf(webhook), items };
  },

  order_canceled(webhook) {
    return orderOf(webhook);
  },
};

// -- State: what the recorded events add up to ------------------------------------------------------

const seen = new Set();
const grants = new Map();
const transactions = new Map();

const keyOf = (event) => `${event.type} ${event.id}`;

const effects = {
  payment(event) {
    // A refund may have come before its payment, and stays.
    if (!transactions.has(event.id)) {
      transactions.set(event.id, { user: event.user, state: "paid", refunds: 0 });
    }
  },
  refund(event) {
    const user = transactions.get(event.id)?.user ?? event.user;
    transactions.set(event.id, { user, state: "refunded", refunds: 1 });
  },
  order_paid(event) {
    if (!seen.has(keyOf({ type: "order_canceled", id: event.id }))) {
      grant(event.id, event.user, event.items);
    }
  },
  order_canceled(event) {
    grants.delete(event.id);
  },
};

function apply(event) {
  seen.add(keyOf(event));
  effects[event.type](event);
}

function view(user) {
  const items = Object.create(null); // An item may be called like anything, `__proto__` too.
  for (const granted of grants.values()) {
    if (granted.user !== user) continue;
    for (const [sku, quantity] of granted.items) items[sku] = (items[sku] ?? 0) + quantity;
  }
  const own = [...transactions].filter(([, transaction]) => transaction.user === user);
  const shown = own.map(([id, { state, refunds }]) => [id, { state, refunds }]);
  return { user, items, transactions: Object.fromEntries(shown) };
}

// -- Disk: a journal of events, a line each ---------------------------------------------------------
//
// Node 20 has no database built in. A line is record and effect at once: it is on the disk before the
// answer leaves, and reading the journal again gives the state back. Where you have a database, let a
// unique index over type and id decide instead, in the transaction that grants.

function openJournal(path) {
  const text = existsSync(path) ? readFileSync(path, "utf8") : "";
  // The process may have died within the last line. Nobody was told that it is there.
  const whole = text.slice(0, text.lastIndexOf("\n") + 1);
  for (const line of whole.split("\n").filter(Boolean)) apply(JSON.parse(line));
  const file = openSync(path, "a");
  ftruncateSync(file, Buffer.byteLength(whole));
  return file;
}

// Nothing waits in here, so no two deliveries are handled at once: the look at `seen` is safe.
function record(event) {
  if (seen.has(keyOf(event))) return;
  try {
    writeFileSync(journal, `${JSON.stringify(event)}\n`);
    fdatasyncSync(journal);
  } catch (error) {
    // Half a line may be there. Whoever starts this again reads the journal up to the last whole one.
    closeSync(journal);
    console.error(error);
    process.exit(1);
  }
  apply(event);
}

// -- HTTP -------------------------------------------------------------------------------------------

// JSON.parse makes every number a double and rounds ids beyond 2^53, so these become text first.
function parse(body) {
  let webhook;
  try {
    const text = new TextDecoder("utf-8", { fatal: true }).decode(body);
    JSON.parse(text); // It must be JSON before anything in it is changed.
    webhook = JSON.parse(text.replace(/"(?:[^"\\]|\\.)*"|-?\d{16,}(?![\d.eE])/g,
      (token) => (token.startsWith('"') ? token : `"${token}"`)));
  } catch {
    webhook = null;
  }
  if (!isObject(webhook)) throw new Refused("INVALID_PARAMETER");
  return webhook;
}

function same(left, right) {
  const [a, b] = [Buffer.from(left), Buffer.from(right)];
  return a.length === b.length && timingSafeEqual(a, b);
}

// The signature covers the bytes as they came: verify first, parse afterwards.
function handle(body, authorization) {
  const digest = createHash("sha1").update(body).update(SECRET).digest("hex");
  if (!same(authorization ?? "", `Signature ${digest}`)) throw new Refused("INVALID_SIGNATURE");
  const webhook = parse(body);
  const type = member(webhook, "notification_type", isText);
  if (!Object.hasOwn(meanings, type)) return; // Other types ask nothing of this listener.
  const event = meanings[type](webhook);
  if (event !== null) record({ type, ...event });
}

function answer(response, status, value) {
  if (value === undefined) return response.writeHead(status).end();
  response.writeHead(status, { "Content-Type": "application/json" }).end(JSON.stringify(value));
}

// Our fault: it is logged here, and will be sent again.
function fail(error, response) {
  console.error(error);
  answer(response, 500);
}

function receive(request, response) {
  const chunks = [];
  let length = 0;
  request.on("error", () => response.destroy());
  request.on("data", (chunk) => {
    length += chunk.length;
    if (length <= BODY_BYTES_MAX) chunks.push(chunk);
    else if (!response.headersSent) answer(response.setHeader("Connection", "close"), 413);
  });
  request.on("end", () => {
    if (response.headersSent) return;
    try {
      handle(Buffer.concat(chunks), request.headers.authorization);
      answer(response, 204);
    } catch (error) {
      if (!(error instanceof Refused)) return fail(error, response);
      const message = error.message.replaceAll("_", " ").toLowerCase();
      answer(response, 400, { error: { code: error.message, message } });
    }
  });
}

// The view of the effects for tests. Only whoever knows the token may look.
function probe(path, query, response) {
  const token = new URLSearchParams(query).get("token") ?? "";
  if (PROBE_TOKEN === "" || !same(token, PROBE_TOKEN)) return answer(response, 403);
  answer(response, 200, view(decodeURIComponent(path.slice("/probe/".length))));
}

const SECRET = process.env.XSOLLA_WEBHOOK_SECRET_KEY;
if (!SECRET) throw new Error("XSOLLA_WEBHOOK_SECRET_KEY is not set");
const PROBE_TOKEN = process.env.PROBE_TOKEN ?? "";
const journal = openJournal(process.argv[3] ?? "listener.journal");

createServer((request, response) => {
  const [path, query] = request.url.split("?", 2);
  if (request.method === "POST" && path === "/webhook") return receive(request, response);
  if (request.method !== "GET" || !path.startsWith("/probe/")) return answer(response, 404);
  try {
    probe(path, query, response);
  } catch (error) {
    fail(error, response);
  }
}).listen(Number(process.argv[2]), "127.0.0.1");

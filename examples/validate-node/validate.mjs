// Checks the examples and vectors of spec/ without any code of this repository.
//
//     node validate.mjs [path of spec/]
//
// Prints `N passed, N failed` and exits with 1 if anything failed.

import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { isDeepStrictEqual } from "node:util";

import Ajv2020 from "ajv/dist/2020.js";
import addFormats from "ajv-formats";
import { parse as parseToml } from "smol-toml";

const SPEC = process.argv[2] ?? fileURLToPath(new URL("../../spec", import.meta.url));
const SECRET = "example-project-secret";

let passed = 0;
let failed = 0;

function check(name, ok, problem) {
  if (ok) {
    passed += 1;
  } else {
    failed += 1;
    console.log(`FAILED ${name}: ${problem}`);
  }
}

const text = (path) => readFileSync(join(SPEC, path), "utf8");
const toml = (path) => parseToml(text(path));
const files = readdirSync(SPEC, { recursive: true }).map((path) => path.replaceAll("\\", "/")).sort();

// JSON.parse makes every number a double, and ids may be longer than that: those become strings,
// which the contract allows for an id anyway.
function parse(json) {
  return JSON.parse(json.replace(/"(?:[^"\\]|\\.)*"|-?\d{16,}(?![\d.eE])/g,
    (token) => (token.startsWith('"') ? token : `"${token}"`)));
}

// -- Schemas: each has an $id, by which the others refer to it -------------------------------------

const ajv = new Ajv2020({ allErrors: true, strictTypes: false });
addFormats(ajv);
ajv.addFormat("decimal", /^-?\d+(\.\d+)?$|^\[null\]$/);

const BASE = "https://hookproof.example/spec/";
const schemas = files.filter((path) => path.endsWith(".schema.json"));
schemas.forEach((path) => ajv.addSchema(JSON.parse(text(path))));
for (const path of schemas) {
  try {
    check(path, ajv.getSchema(BASE + path), "does not compile");
  } catch (error) {
    check(path, false, error.message);
  }
}

function problems(path, value) {
  const validate = ajv.getSchema(BASE + path);
  return validate(value) ? "" : ajv.errorsText(validate.errors);
}

function checkSchema(name, path, value) {
  const found = problems(path, value);
  check(`${name} against ${path}`, !found, found);
}

// -- Signatures: SHA-1 over the bytes of the body, directly followed by the secret -----------------

const sign = (body, secret) => createHash("sha1").update(body).update(secret).digest("hex");

// -- The example payloads of each notification -----------------------------------------------------

const notifications = {};
for (const file of files.filter((path) => path.endsWith("/notification.toml"))) {
  const folder = file.replace("/notification.toml", "");
  const notification = toml(file);
  notifications[notification.type] = notification;
  for (const example of notification.example) {
    const name = `${folder}/${example.file}`;
    const body = readFileSync(join(SPEC, name));
    check(`${name}, signature`, sign(body, SECRET) === example.signature, "does not match");
    const byMode = `${folder}/payload.${example.mode}.schema.json`;
    const schema = existsSync(join(SPEC, byMode)) ? byMode : `${folder}/payload.schema.json`;
    try {
      checkSchema(name, schema, parse(body.toString()));
    } catch (error) {
      check(name, false, `no JSON: ${error.message}`);
    }
  }
}

// -- Vectors ---------------------------------------------------------------------------------------

const delivery = toml("delivery.toml");
const plans = Object.fromEntries(delivery.plan.map((plan) => [plan.id, plan]));

// How closely the patterns name a status; null stands for no answer at all.
function closeness(patterns, status) {
  const exact = status === null ? "silence" : String(status);
  const names = ["otherwise", `${exact[0]}xx`, exact];
  return Math.max(0, ...patterns.map((pattern) => names.indexOf(pattern) + 1));
}

function outcomeOf(plan, status) {
  const outcomes = [["done", plan.done_on], ["again", plan.again_on], ["final", plan.final_on]];
  const ranked = outcomes.map(([outcome, patterns]) => [closeness(patterns, status), outcome]);
  const [rank, best] = ranked.reduce((one, other) => (other[0] > one[0] ? other : one));
  return rank > 0 ? best : "unpublished";
}

function signatureVector(test) {
  const body = "body" in test ? Buffer.from(test.body) : Buffer.from(test.body_hex, "hex");
  const header = "signature" in test ? `Signature ${test.signature}` : test.authorization;
  // What is `acceptable` may be accepted or refused: this strict comparison refuses it.
  const valid = header === `Signature ${sign(body, test.secret)}`;
  return [[valid], [test.result === "valid"]];
}

function answerVector(test) {
  const notification = notifications[test.notification];
  const plan = plans[notification.plan];
  // Without a published plan, success is all that is published.
  const success = notification.accepted.some((status) => Number(status) === test.status);
  const outcome = plan ? outcomeOf(plan, test.status) : success ? "done" : "unpublished";
  let schema;
  if (test.status >= 400 && test.status < 500) {
    schema = "answers/error.schema.json";
  } else if (test.status >= 200 && test.status < 300 && notification.answer_body !== "none") {
    schema = notification.answer_body;
  }
  let fits;
  try {
    fits = !schema || !problems(schema, parse(test.body ?? "null"));
  } catch {
    fits = false;
  }
  return [[outcome, fits], [test.outcome, test.body_fits]];
}

function retryVector(test) {
  const plan = plans[test.plan];
  const waits = plan.steps.flatMap((step) => Array(step.times).fill(step.every_s));
  const offsets = waits.reduce((so_far, wait) => [...so_far, so_far.at(-1) + wait], [0]);
  const outcome = outcomeOf(plan, test.status);
  const last = test.attempt === offsets.length;
  const next = outcome === "again" && !last ? offsets[test.attempt] : null;
  let refunded = null;
  const table = delivery.automatic_refund;
  if (plan.id === table.plan) {
    const rank = (row) => closeness(row.on, test.status);
    const row = table.row.reduce((one, other) => (rank(other) > rank(one) ? other : one));
    const back = last ? ["refund", "retry-then-refund"] : ["refund"];
    refunded = { off: back.includes(row.off_outcome), on: back.includes(row.on_outcome) };
  }
  return [[outcome, next, refunded], [test.outcome, test.next_attempt_s, test.refunded]];
}

// What makes two deliveries one event. A number and the same number as a string are one id.
function eventKey(body) {
  const payload = parse(body);
  return notifications[payload.notification_type].key.map((part) => {
    const path = part.replace(/^\//, "").split("/");
    const value = path.reduce((within, member) => within?.[member], payload);
    return value === undefined || value === null ? null : String(value);
  });
}

function idempotencyVector(test) {
  const [first, second] = [eventKey(test.first), eventKey(test.second)];
  const same = isDeepStrictEqual(first, second) ? "same" : "different";
  return [[first.length === 0 ? "none" : same], [test.relation]];
}

const HOLDS = {
  "vectors.schema.json": signatureVector,
  "answers.schema.json": answerVector,
  "retry.schema.json": retryVector,
  "idempotency.schema.json": idempotencyVector,
};

const isVectors = (path) => /^vectors\/.*\.json$/.test(path) && !path.endsWith(".schema.json");
for (const path of files.filter(isVectors)) {
  const vectors = JSON.parse(text(path));
  checkSchema(path, `vectors/${vectors.schema}`, vectors);
  for (const test of vectors.tests) {
    const [found, expected] = HOLDS[vectors.schema](test);
    const name = `${path} ${test.id}, ${test.comment}`;
    check(name, isDeepStrictEqual(found, expected), `found ${JSON.stringify(found)}`);
  }
}

console.log(`${passed} passed, ${failed} failed`);
// A run that checked nothing is no success.
process.exitCode = failed || !passed ? 1 : 0;

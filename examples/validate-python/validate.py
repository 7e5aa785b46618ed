"""Checks the examples and vectors of spec/ without any code of this repository.

    python validate.py [path of spec/]

Prints `N passed, N failed` and exits with 1 if anything failed.
"""

import hashlib
import json
import sys
import tomllib
from decimal import Decimal
from pathlib import Path

from jsonschema import Draft202012Validator
from referencing import Registry, Resource

SPEC = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).resolve().parents[2] / "spec"
SECRET = "example-project-secret"

passed = failed = 0


def check(name, ok, problem=""):
    global passed, failed
    if ok:
        passed += 1
    else:
        failed += 1
        print(f"FAILED {name}: {problem}")


# Amounts are exact decimals: a parser that makes floats of them loses digits.
def parse(text):
    return json.loads(text, parse_float=Decimal)


def toml(path):
    return tomllib.loads((SPEC / path).read_text("utf-8"))


# -- Schemas: each has an $id, by which the others refer to it ------------------------------------

schemas = {p.relative_to(SPEC).as_posix(): json.loads(p.read_text("utf-8"))
           for p in SPEC.rglob("*.schema.json")}
registry = Registry().with_resources(
    (schema["$id"], Resource.from_contents(schema)) for schema in schemas.values())


def problems(path, value):
    validator = Draft202012Validator(schemas[path], registry=registry)
    return "; ".join(f"{error.json_path}: {error.message}" for error in validator.iter_errors(value))


def check_schema(name, path, value):
    found = problems(path, value)
    check(f"{name} against {path}", not found, found)


for path, schema in schemas.items():
    check(path, not list(Draft202012Validator(Draft202012Validator.META_SCHEMA).iter_errors(schema)),
          "is no JSON Schema 2020-12")


# -- Signatures: SHA-1 over the bytes of the body, directly followed by the secret -----------------

def sign(body, secret):
    return hashlib.sha1(body + secret.encode()).hexdigest()


# -- The example payloads of each notification ----------------------------------------------------

notifications = {}
for file in sorted(SPEC.glob("notifications/*/notification.toml")):
    folder = file.parent.relative_to(SPEC).as_posix()
    notification = toml(f"{folder}/notification.toml")
    notifications[notification["type"]] = notification
    for example in notification["example"]:
        name = f"{folder}/{example['file']}"
        body = (SPEC / name).read_bytes()
        check(f"{name}, signature", sign(body, SECRET) == example["signature"], "does not match")
        by_mode = f"{folder}/payload.{example['mode']}.schema.json"
        schema = by_mode if by_mode in schemas else f"{folder}/payload.schema.json"
        try:
            check_schema(name, schema, parse(body))
        except ValueError as error:
            check(name, False, f"no JSON: {error}")


# -- Vectors --------------------------------------------------------------------------------------

delivery = toml("delivery.toml")
plans = {plan["id"]: plan for plan in delivery["plan"]}


def closeness(patterns, status):
    """How closely the patterns name a status; `None` stands for no answer at all."""
    exact = "silence" if status is None else str(status)
    names = ["otherwise", f"{exact[0]}xx", exact]
    return max((names.index(pattern) + 1 for pattern in patterns if pattern in names), default=0)


def outcome_of(plan, status):
    by_outcome = {"done": plan["done_on"], "again": plan["again_on"], "final": plan["final_on"]}
    best = max(by_outcome, key=lambda outcome: closeness(by_outcome[outcome], status))
    return best if closeness(by_outcome[best], status) else "unpublished"


def signature_vector(test):
    body = test["body"].encode() if "body" in test else bytes.fromhex(test["body_hex"])
    header = f"Signature {test['signature']}" if "signature" in test else test["authorization"]
    valid = header == f"Signature {sign(body, test['secret'])}"
    # What is `acceptable` may be accepted or refused: this strict comparison refuses it.
    return valid == (test["result"] == "valid"), f"valid: {valid}"


def answer_vector(test):
    notification = notifications[test["notification"]]
    plan = plans.get(notification["plan"])
    if plan:
        outcome = outcome_of(plan, test["status"])
    else:
        # Without a published plan, success is all that is published.
        outcome = "done" if test["status"] in notification["accepted"] else "unpublished"
    schema = None
    if test["status"] is not None and 400 <= test["status"] < 500:
        schema = "answers/error.schema.json"
    elif test["status"] in range(200, 300) and notification["answer_body"] != "none":
        schema = notification["answer_body"]
    try:
        fits = not schema or not problems(schema, parse(test["body"] or "null"))
    except ValueError:
        fits = False
    return (outcome, fits) == (test["outcome"], test["body_fits"]), f"{outcome}, {fits}"


def retry_vector(test):
    plan = plans[test["plan"]]
    offsets = [0]
    for step in plan["steps"]:
        offsets += [offsets[-1] + step["every_s"] * (i + 1) for i in range(step["times"])]
    outcome = outcome_of(plan, test["status"])
    last = test["attempt"] == len(offsets)
    following = offsets[test["attempt"]] if outcome == "again" and not last else None
    refunded = None
    if plan["id"] == delivery["automatic_refund"]["plan"]:
        rows = delivery["automatic_refund"]["row"]
        row = max(rows, key=lambda row: closeness(row["on"], test["status"]))
        back = ("refund", "retry-then-refund") if last else ("refund",)
        refunded = {switch: row[f"{switch}_outcome"] in back for switch in ("off", "on")}
    found = outcome, following, refunded
    return found == (test["outcome"], test["next_attempt_s"], test["refunded"]), str(found)


def event_key(body):
    """What makes two deliveries one event. A number and the same number as a string are one id."""
    payload = parse(body)
    key = []
    for part in notifications[payload["notification_type"]]["key"]:
        value = payload
        for member in part.lstrip("/").split("/"):
            value = value.get(member) if isinstance(value, dict) else None
        if isinstance(value, Decimal):
            value = f"{value.normalize():f}"
        key.append(value if value is None else str(value))
    return key


def idempotency_vector(test):
    first, second = event_key(test["first"]), event_key(test["second"])
    relation = "none" if not first else "same" if first == second else "different"
    return relation == test["relation"], f"{first} and {second}"


HOLDS = {"vectors.schema.json": signature_vector, "answers.schema.json": answer_vector,
         "retry.schema.json": retry_vector, "idempotency.schema.json": idempotency_vector}

for file in sorted(set(SPEC.glob("vectors/*.json")) - set(SPEC.glob("vectors/*.schema.json"))):
    vectors = json.loads(file.read_text("utf-8"))
    check_schema(f"vectors/{file.name}", f"vectors/{vectors['schema']}", vectors)
    for test in vectors["tests"]:
        holds, found = HOLDS[vectors["schema"]](test)
        check(f"vectors/{file.name} {test['id']}, {test['comment']}", holds, f"found {found}")

print(f"{passed} passed, {failed} failed")
# A run that checked nothing is no success.
sys.exit(1 if failed or not passed else 0)

import hashlib, hmac, json, os, sqlite3, threading

from fastapi import FastAPI, Request, Response
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import JSONResponse

SECRET = os.environ["XSOLLA_WEBHOOK_SECRET_KEY"].encode()
PLAYERS = {"player-1001", "player-2002"}  # Your game.

lock = threading.Lock()
db = sqlite3.connect("listener.db", isolation_level=None, check_same_thread=False)
db.executescript("""
    PRAGMA journal_mode = WAL;
    PRAGMA synchronous = FULL;
    CREATE TABLE IF NOT EXISTS events (type TEXT, id TEXT, PRIMARY KEY (type, id));
    CREATE TABLE IF NOT EXISTS grants (order_id TEXT, user TEXT, sku TEXT, quantity INTEGER);
""")


class Refused(Exception):
    """Answered with 400 and this error code."""


def text(value):
    """An id is a string or an integer, and means the same."""
    if isinstance(value, bool) or not isinstance(value, (str, int)) or value == "":
        raise Refused("INVALID_PARAMETER")
    return str(value)


def known(user):
    if user not in PLAYERS:
        raise Refused("INVALID_USER")
    return user


def is_new(kind, event):
    """The primary key decides: False for a duplicate."""
    return db.execute("INSERT OR IGNORE INTO events VALUES (?, ?)", (kind, event)).rowcount == 1


def handle(webhook):
    kind = webhook["notification_type"]
    if kind == "user_validation":
        known(text(webhook["user"]["id"]))
    elif kind == "payment":
        if webhook.get("user"):
            known(text(webhook["user"]["id"]))
        is_new(kind, text(webhook["transaction"]["id"]))
    elif kind == "refund":
        is_new(kind, text(webhook["transaction"]["id"]))
    elif kind == "order_paid":
        order, user = text(webhook["order"]["id"]), known(text(webhook["user"]["external_id"]))
        items = [(order, user, text(item["sku"]), int(item["quantity"]))
                 for item in webhook["items"] if not item.get("is_bundle_content")]
        canceled = db.execute("SELECT 1 FROM events WHERE type = 'order_canceled' AND id = ?", (order,))
        if is_new(kind, order) and not canceled.fetchone():
            db.executemany("INSERT INTO grants VALUES (?, ?, ?, ?)", items)
    elif kind == "order_canceled":
        order = text(webhook["order"]["id"])
        known(text(webhook["user"]["external_id"]))
        if is_new(kind, order):
            db.execute("DELETE FROM grants WHERE order_id = ?", (order,))
    # Other types are acknowledged.


def receive(body, header):
    """Returns the status and the error code: verify, parse, handle, commit, and only then answer."""
    expected = "Signature " + hashlib.sha1(body + SECRET).hexdigest()
    if not hmac.compare_digest(header.encode("latin-1", "replace"), expected.encode()):
        return 400, "INVALID_SIGNATURE"
    with lock:
        db.execute("BEGIN IMMEDIATE")
        try:
            handle(json.loads(body))
            db.execute("COMMIT")
            return 204, None
        except Refused as refused:
            return 400, str(refused)
        except (ArithmeticError, AttributeError, LookupError, RecursionError, TypeError, ValueError):
            return 400, "INVALID_PARAMETER"
        finally:
            if db.in_transaction:
                db.execute("ROLLBACK")


app = FastAPI()


@app.post("/webhook")
async def webhook(request: Request):
    body = await request.body()  # The raw body: parsed JSON cannot be verified.
    status, code = await run_in_threadpool(receive, body, request.headers.get("authorization", ""))
    if code is None:
        return Response(status_code=status)
    return JSONResponse({"error": {"code": code, "message": code.capitalize()}}, status)

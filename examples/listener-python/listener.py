"""A webhook listener for Xsolla's In-Game Store, in Python's standard library alone.

    XSOLLA_WEBHOOK_SECRET_KEY=... python3 listener.py PORT [DATABASE]

The order of things is the point: bytes, signature, JSON, meaning, disk, answer. What is specific to
your game are the two functions in the first section.
"""

import hashlib
import hmac
import json
import os
import re
import sqlite3
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, unquote, urlsplit

BODY_BYTES_MAX = 1024 * 1024
HEADER_BYTES_MAX = 1024
ID_CHARACTERS_MAX = 256
QUANTITY_MAX = 10**12
IDLE_SECONDS_MAX = 60

# -- Your game -----------------------------------------------------------------------------------

PLAYERS = {"player-1001", "player-2002"}


def player_exists(user):
    return user in PLAYERS


def grant(db, order, user, sku, quantity):
    """Give an item. Use the transaction that is open: record and effect are stored together."""
    db.execute("INSERT INTO grants VALUES (?, ?, ?, ?)", (order, user, sku, quantity))


# -- What a notification means -------------------------------------------------------------------

class Refused(Exception):
    """The sender's fault: answered with 400 and this code, and never sent again."""


def member(value, name, kind):
    """A member that must be there, and of this kind."""
    found = value.get(name) if isinstance(value, dict) else None
    if not isinstance(found, kind) or isinstance(found, bool):
        raise Refused("INVALID_PARAMETER")
    return found


def identifier(value, name):
    """Ids come as numbers or as text, and mean the same. Python's integers keep every digit."""
    text = str(member(value, name, (int, str)))
    # Half of a surrogate pair is legal JSON and no text.
    if not 0 < len(text) <= ID_CHARACTERS_MAX or re.search("[\ud800-\udfff]", text):
        raise Refused("INVALID_PARAMETER")
    return text


def known(user):
    if not player_exists(user):
        raise Refused("INVALID_USER")
    return user


def user_validation(_db, webhook):
    known(identifier(member(webhook, "user", dict), "id"))


def payment(db, webhook):
    transaction = identifier(member(webhook, "transaction", dict), "id")
    user = buyer(webhook)
    if user is not None:
        known(user)
    if first_time(db, "payment", transaction):
        # A refund may have come before its payment, and stays.
        db.execute("INSERT OR IGNORE INTO transactions VALUES (?, ?, 'paid', 0)", (transaction, user))


def refund(db, webhook):
    transaction = identifier(member(webhook, "transaction", dict), "id")
    # The money has gone back already, whether or not the player is still there.
    user = buyer(webhook)
    if first_time(db, "refund", transaction):
        db.execute(
            "INSERT INTO transactions VALUES (?, ?, 'refunded', 1)"
            " ON CONFLICT (id) DO UPDATE SET state = 'refunded', refunds = 1",
            (transaction, user))


def buyer(webhook):
    """Whoever has paid. A payment may come without a user."""
    return identifier(webhook["user"], "id") if webhook.get("user") is not None else None


def order_paid(db, webhook):
    order, user = order_of(webhook)
    items = [(identifier(item, "sku"), quantity_of(item), item.get("is_bundle_content"))
             for item in member(webhook, "items", list)]
    if not first_time(db, "order_paid", order):
        return
    if db.execute("SELECT 1 FROM seen WHERE type = 'order_canceled' AND id = ?", (order,)).fetchone():
        return  # It was cancelled before this came.
    for sku, quantity, listed_in_bundle in items:
        # A bundle is granted as itself; the lines that list what is in it give nothing.
        if not listed_in_bundle:
            grant(db, order, user, sku, quantity)


def order_canceled(db, webhook):
    order, _user = order_of(webhook)
    if first_time(db, "order_canceled", order):
        db.execute("DELETE FROM grants WHERE order_id = ?", (order,))


def quantity_of(item):
    quantity = member(item, "quantity", int)
    if not 0 <= quantity <= QUANTITY_MAX:
        raise Refused("INVALID_PARAMETER")
    return quantity


def order_of(webhook):
    order = identifier(member(webhook, "order", dict), "id")
    return order, known(identifier(member(webhook, "user", dict), "external_id"))


def first_time(db, kind, event):
    """Records an event under its type and id. The unique index decides, not a look beforehand."""
    return db.execute("INSERT OR IGNORE INTO seen VALUES (?, ?)", (kind, event)).rowcount == 1


HANDLERS = {handler.__name__: handler
            for handler in (user_validation, payment, refund, order_paid, order_canceled)}

# -- Disk ----------------------------------------------------------------------------------------


class Store:
    """One connection, one writer at a time. What was committed survives the process."""

    def __init__(self, path):
        self.lock = threading.Lock()
        self.db = sqlite3.connect(path, check_same_thread=False, isolation_level=None)
        self.db.executescript("""
            PRAGMA journal_mode = WAL;
            PRAGMA synchronous = FULL;
            CREATE TABLE IF NOT EXISTS seen (type TEXT, id TEXT, PRIMARY KEY (type, id));
            CREATE TABLE IF NOT EXISTS grants (order_id TEXT, user TEXT, sku TEXT, quantity INTEGER);
            CREATE INDEX IF NOT EXISTS grants_of_order ON grants (order_id);
            CREATE INDEX IF NOT EXISTS grants_of_user ON grants (user);
            CREATE TABLE IF NOT EXISTS transactions (
                id TEXT PRIMARY KEY, user TEXT, state TEXT, refunds INTEGER);
            CREATE INDEX IF NOT EXISTS transactions_of_user ON transactions (user);
        """)

    def handle(self, webhook):
        """Event and effect are committed together, or neither is."""
        handler = HANDLERS.get(member(webhook, "notification_type", str))
        if handler is None:
            return  # Other types ask nothing of this listener.
        with self.lock:
            self.db.execute("BEGIN IMMEDIATE")
            try:
                handler(self.db, webhook)
                self.db.execute("COMMIT")
            except BaseException:
                self.db.execute("ROLLBACK")
                raise

    def view(self, user):
        with self.lock:
            items = self.db.execute(
                "SELECT sku, SUM(quantity) FROM grants WHERE user = ? GROUP BY sku", (user,)).fetchall()
            transactions = self.db.execute(
                "SELECT id, state, refunds FROM transactions WHERE user = ?", (user,)).fetchall()
        return {"user": user, "items": dict(items), "transactions": {
            transaction: {"state": state, "refunds": refunds}
            for transaction, state, refunds in transactions}}


# -- HTTP ----------------------------------------------------------------------------------------


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    timeout = IDLE_SECONDS_MAX
    wbufsize = -1  # Header and body leave in one packet.

    def do_POST(self):
        if urlsplit(self.path).path != "/webhook":
            self.close_connection = True  # Its body was not read.
            return self.answer(404)
        try:
            body = self.read_body()
            if body is None:
                self.close_connection = True
                return self.answer(413)
            # The signature covers the bytes as they came: verify first, parse afterwards.
            expected = "Signature " + hashlib.sha1(body + SECRET).hexdigest()
            presented = self.headers.get("Authorization", "")
            if not hmac.compare_digest(presented.encode("latin-1", "replace"), expected.encode()):
                raise Refused("INVALID_SIGNATURE")
            STORE.handle(parse(body))
        except Refused as refused:
            code = refused.args[0]
            message = code.replace("_", " ").capitalize()
            return self.answer(400, {"error": {"code": code, "message": message}})
        except sqlite3.OperationalError as error:
            print("store:", error, file=sys.stderr)
            return self.answer(500)  # Our fault: it will be sent again.
        self.answer(204)

    def do_GET(self):
        """The view of the effects for tests. Only whoever knows the token may look."""
        url = urlsplit(self.path)
        token = parse_qs(url.query).get("token", [""])[0]
        if not PROBE_TOKEN or not hmac.compare_digest(token.encode(), PROBE_TOKEN.encode()):
            return self.answer(403)
        if not url.path.startswith("/probe/"):
            return self.answer(404)
        self.answer(200, STORE.view(unquote(url.path.removeprefix("/probe/"))))

    def read_body(self):
        """The body's bytes, also where they come in chunks; None where they are not to be had."""
        if "chunked" not in self.headers.get("Transfer-Encoding", "").lower():
            length = number(self.headers.get("Content-Length", "0"), 10)
            return None if length is None else self.rfile.read(length)
        body = b""
        while len(body) <= BODY_BYTES_MAX:
            size = number(self.rfile.readline(HEADER_BYTES_MAX).split(b";")[0].strip(), 16)
            if size is None:
                return None
            body += self.rfile.read(size)
            while self.rfile.readline(HEADER_BYTES_MAX).strip() and size == 0:
                pass  # Trailers follow the last chunk, a line end every other one.
            if size == 0:
                return body
        return None

    def answer(self, status, value=None):
        body = b"" if value is None else json.dumps(value).encode()
        self.send_response(status)
        if value is not None:
            self.send_header("Content-Type", "application/json")
        if status != 204:
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_args):
        pass


def number(digits, base):
    """A length, if it is one and within bounds."""
    try:
        length = int(digits, base)
    except ValueError:
        return None
    return length if 0 <= length <= BODY_BYTES_MAX else None


def parse(body):
    try:
        webhook = json.loads(body)
    except (ValueError, RecursionError):
        webhook = None
    if not isinstance(webhook, dict):
        raise Refused("INVALID_PARAMETER")
    return webhook


class Server(ThreadingHTTPServer):
    request_queue_size = 128  # The default of 5 refuses connections that come at once.


if __name__ == "__main__":
    SECRET = os.environ["XSOLLA_WEBHOOK_SECRET_KEY"].encode()
    PROBE_TOKEN = os.environ.get("PROBE_TOKEN", "")
    STORE = Store(sys.argv[2] if len(sys.argv) > 2 else "listener.db")
    Server(("127.0.0.1", int(sys.argv[1])), Handler).serve_forever()

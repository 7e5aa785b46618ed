PROBE_TOKEN = os.environ.get("PROBE_TOKEN", "")


@app.get("/effects/{user}")
def effects(user: str, token: str = ""):
    """For tests only: without PROBE_TOKEN there is no probe."""
    if not PROBE_TOKEN or not hmac.compare_digest(token.encode(), PROBE_TOKEN.encode()):
        return Response(status_code=404)
    with lock:
        items = db.execute(
            "SELECT sku, SUM(quantity) FROM grants WHERE user = ? GROUP BY sku", (user,)).fetchall()
    return {"user": user, "items": dict(items)}

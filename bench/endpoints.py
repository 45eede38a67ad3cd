"""What works with the store and signs, beside a bare handler that makes as many round trips and signatures.

How many round trips a request makes, Redis itself counts; the twin makes the same, on either store."""

import contextlib
import hashlib
import os
import pathlib
import sqlite3
import statistics
import sys
import tempfile
import urllib.parse

from people import authorize_path, code_form, google, redis, signed_in, tokens
from server import APP_SECRET, SERVER_CORE, Run, Server, broker, free_port

HERE = pathlib.Path(__file__).parent
APPS = {"notes": "RS256", "notes-es256": "ES256", "notes-eddsa": "EdDSA"}
SECONDS, CONNECTIONS, MANY = 2, 16, 1_000_000
# All of it comes from one address, and codes wait for their turn to be redeemed.
MORE = f"""[limits]
enabled = false
[lifetimes]
code = "5m"
[apps.robot]
name = "Robot"
secret_sha256 = "{hashlib.sha256(APP_SECRET.encode()).hexdigest()}"
grant_types = ["client_credentials"]
"""


class Bench:
    """One broker on one store; `shapes` is what Redis saw each endpoint do."""

    def __init__(self, binary, bare, folder, store, section, shapes):
        self.bare, self.folder, self.redis, self.shapes = bare, pathlib.Path(folder), store, shapes
        self.address = store.url if store else f"sqlite:{self.folder}/bare.db"
        self.context = broker(binary, folder, SERVER_CORE, store=store and store.url, provider=section, more=MORE)
        self.rows = {}

    def measure(self, name, path, script, algs, form=""):
        """Ours, counted where the store counts, then the twin."""
        os.environ["FORM"] = form
        before = self.redis and self.redis.calls()
        own = Run(self.server, path, CONNECTIONS, SECONDS, HERE / script)
        if self.redis and name not in self.shapes:
            after = self.redis.calls()
            reads, commits, puts = ((after.get(word, 0) - before.get(word, 0)) / own.requests for word in ("mget", "evalsha", "set"))
            self.shapes[name] = (round(reads), round(commits), round(puts / commits) if round(commits) else 0)
        self.rows[name] = (own, self.twin(name, algs, form))

    def twin(self, name, algs, form):
        port = free_port()
        # It authenticates nothing, so that any form will do.
        os.environ["FORM"] = form or "token=x"
        work = ",".join(["work", self.address, *map(str, self.shapes[name]), "+".join(algs) or "-"])
        with Server([self.bare, f"127.0.0.1:{port}", f"/work={work}"], port, SERVER_CORE, "/work") as server:
            return Run(server, "/work", CONNECTIONS, SECONDS, HERE / "post.lua")

    def codes(self):
        """Each app's codes: asked for, then redeemed."""
        for app, alg in APPS.items():
            codes = self.folder / "codes"
            codes.write_text("")
            os.environ.update(COOKIE=self.browser.cookie_line(self.host), CODES=str(codes))
            run = Run(self.server, authorize_path(app), CONNECTIONS, SECONDS, HERE / "codes.lua")
            self.authorize = max((run, getattr(self, "authorize", run)), key=lambda run: run.rate)
            self.measure(f"/token, code, {alg}", "/token", "redeem.lua", [alg, "ES256"], code_form(app, APP_SECRET))

    def refreshes(self, apps, note=""):
        for app in apps:
            file = self.folder / "refresh"
            with file.open("w") as lines:
                for _ in range(2 * CONNECTIONS):
                    lines.write(tokens(self.browser, self.server, app, APP_SECRET)["refresh_token"] + "\n")
            os.environ["TOKENS"] = str(file)
            form = {"grant_type": "refresh_token", "client_id": app, "client_secret": APP_SECRET, "refresh_token": ""}
            self.measure(f"/token, refresh, {APPS[app]}{note}", "/token", "refresh.lua", [APPS[app], "ES256"], urllib.parse.urlencode(form))

    def others(self, note=""):
        access = tokens(self.browser, self.server, "notes", APP_SECRET)["access_token"]
        os.environ["TOKEN"] = access
        self.measure(f"/userinfo{note}", "/userinfo", "userinfo.lua", [])
        form = {"token": access, "client_id": "notes", "client_secret": APP_SECRET}
        self.measure(f"/introspect{note}", "/introspect", "post.lua", [], urllib.parse.urlencode(form))

    def machine(self):
        form = {"grant_type": "client_credentials", "client_id": "robot", "client_secret": APP_SECRET}
        self.measure("/token, client credentials, ES256", "/token", "post.lua", ["ES256"], urllib.parse.urlencode(form))

    def fill(self):
        """As many grants of other people, straight into the store."""
        if self.redis:
            self.redis.command("debug", "populate", str(MANY), "vst:h:other", "400")
            return
        with contextlib.closing(sqlite3.connect(self.folder / "vestibule.db", timeout=30)) as store:
            store.execute(
                "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?) INSERT INTO record "
                "SELECT 'h:' || lower(hex(randomblob(16))), 'grant:' || lower(hex(randomblob(16))), randomblob(16), "
                "randomblob(400), 4102444800000, NULL FROM n", (MANY,)
            )
            store.commit()
            store.execute("PRAGMA wal_checkpoint(TRUNCATE)")

    def run(self):
        with self.context as self.server:
            self.server.until_answered("/jwks")
            self.browser, self.host = signed_in(self.server), self.server.url.removeprefix("http://")
            self.codes()
            self.refreshes(APPS)
            self.machine()
            self.others()
            self.fill()
            note = ", a million grants"
            for name in ("/token, refresh, ES256", "/userinfo", "/introspect"):
                self.shapes[name + note] = self.shapes[name]
            self.refreshes(["notes-es256"], note)
            self.others(note)
        return self


def cell(own, twin):
    by_processor = twin.micros / own.micros
    return f"{own.rate:,.0f}/s, {own.micros:.0f} µs; {own.rate / twin.rate:.2f} of {twin.rate:,.0f}/s, by processor {by_processor:.2f}"


def main(binary, bare):
    with google(binary) as section, redis() as store, tempfile.TemporaryDirectory() as one, tempfile.TemporaryDirectory() as two:
        shapes = {}
        on_redis = Bench(binary, bare, one, store, section, shapes).run()
        on_sqlite = Bench(binary, bare, two, None, section, shapes).run()
        print("| one core | round trips: reads, commits of records | SQLite | Redis |\n|---|---|---|---|")
        for name, (reads, commits, puts) in shapes.items():
            cells = (cell(*bench.rows[name]) for bench in (on_sqlite, on_redis))
            print(f"| `{name}` | {reads}, {commits} of {puts} | {' | '.join(cells)} |")
        for name, bench in (("SQLite", on_sqlite), ("Redis", on_redis)):
            ratios = [twin.micros / own.micros for own, twin in bench.rows.values()]
            print(f"\n{name}: `/authorize`, signed in: {bench.authorize.rate:,.0f}/s; median of the ratios by processor {statistics.median(ratios):.2f}")


if __name__ == "__main__":
    main(*sys.argv[1:])

"""A check of the gate, beside bare handlers that find the same headers by the same cookie; and what a warm session
needs of memory."""

import contextlib
import os
import pathlib
import re
import sys
import tempfile
import urllib.parse

from measure import compare
from people import Browser, google, redis, signed_in
from server import JWKS, SERVER_CORE, Run, Server, broker, free_port

HERE = pathlib.Path(__file__).parent
PASSES, ROUNDS, SECONDS, CONNECTIONS = 2_000, 3, 2, 32
# A check reads account, pass, session and agreement, in one round trip.
RECORDS = 4
HOST = "board.localhost:8081"
PROXY = {"X-Forwarded-Host": HOST, "X-Forwarded-Proto": "http"}
CHECK = {**PROXY, "X-Forwarded-Method": "GET", "X-Forwarded-Uri": "/"}
IDENTITY = ["Remote-User", "Remote-Email", "Remote-Name", "Remote-Groups", "X-Vestibule-Auth", "X-Vestibule-Jwt"]
MORE = f"""[limits]
enabled = false
[gate]
recheck = "0s"
[apps.board]
name = "Board"
gate = "http://{HOST}"
consent = "implicit"
access = [{{ path = "/public/", public = true }}, {{ emails = ["*@gmail.com"] }}]
claims.email = {{ need = "required", why = "To measure." }}
"""


def a_pass(browser, server):
    """The cookie of one more visit."""
    begun = browser.ask(f"{server.url}/.vestibule/start", PROXY, HOST)[1]["Location"]
    back = urllib.parse.urlsplit(browser.follow(begun, f"http://{HOST}/"))
    status, _, text = browser.ask(f"{server.url}{back.path}?{back.query}", PROXY, HOST)
    if status != 303 or not browser.jars[HOST]:
        sys.exit(f"no pass: {status} {text.decode()}")
    line = browser.cookie_line(HOST)
    browser.jars[HOST].clear()
    return line


def warmed(browser, server, cookies):
    """Each cookie's headers, and how much memory a warm session takes, in bytes."""
    before, lines = server.memory(), []
    for cookie in cookies:
        status, headers, _ = browser.ask(f"{server.url}/gate/forward-auth", {**CHECK, "Cookie": cookie}, "nobody")
        if status != 200:
            sys.exit(f"a pass does not pass: {status}")
        said = "\t".join(f"{name}: {headers[name]}" for name in IDENTITY if headers[name])
        lines.append(f"{cookie.partition('=')[2]}\t{said}\n")
    return lines, (server.memory() - before) * 1024 * 1024 / len(cookies)


def turns(server, bare, store, sessions, records):
    """Broker and twin in turns."""
    port = free_port()
    with Server([bare, f"127.0.0.1:{port}", f"/session=session,{store},{sessions},{records}", f"/ready=file,{sessions}"], port, SERVER_CORE, "/ready") as twin:
        def run(which, path):
            return Run(which, path, CONNECTIONS, SECONDS, HERE / "check.lua")

        return compare([(run(server, "/gate/forward-auth"), run(twin, "/session")) for _ in range(ROUNDS)])


def measure(binary, bare, section, store):
    rows, name = [], "Redis" if store else "SQLite"
    with tempfile.TemporaryDirectory() as folder:
        file = pathlib.Path(folder, "vestibule.toml")
        options = {"store": store and store.url, "provider": section, "more": MORE, "listen": 'trusted_proxies = ["127.0.0.1"]'}
        with broker(binary, folder, SERVER_CORE, **options) as server:
            server.until_answered(JWKS)
            browser = signed_in(server)
            cookies = [a_pass(browser, server) for _ in range(PASSES)]
        pathlib.Path(folder, "cookies").write_text("\n".join(cookies) + "\n")
        sessions = pathlib.Path(folder, "sessions")
        os.environ.update(COOKIES=f"{folder}/cookies", GATED=HOST)
        same = store.url if store else f"sqlite:{folder}/bare.db"
        alike = {f"{name}, one record": (same, 1), f"{name}, the same {RECORDS} records": (same, RECORDS)}
        for recheck, twins in (("0s", alike), ("5s", {**alike, "map": ("map", 1)})):
            file.write_text(re.sub(r'recheck = "\d+s"', f'recheck = "{recheck}"', file.read_text()))
            with broker(binary, folder, SERVER_CORE) as server:
                server.until_answered(JWKS)
                lines, size = warmed(Browser(), server, cookies)
                sessions.write_text("".join(lines))
                for twin, (address, records) in twins.items():
                    found = turns(server, bare, address, sessions, records)
                    rows.append((f"{name}, `recheck = \"{recheck}\"`", twin, found, size))
    return rows


def main(binary, bare):
    with google(binary) as section, contextlib.ExitStack() as stack:
        print("| a check on | twin reads from | of the twin | by processor time | memory of 100,000 warm sessions |\n|---|---|---|---|---|")
        for store in (None, stack.enter_context(redis())):
            for row, twin, found, size in measure(binary, bare, section, store):
                rate = f"{found['ratio']:.2f} (best {found['requests_per_second']:,.0f}/s and {found['bare']:,.0f}/s)"
                micros = f"{found['cpu_ratio']:.2f} ({found['cpu_us']:.1f} µs and {found['bare_cpu_us']:.1f} µs)"
                print(f"| {row} | {twin} | {rate} | {micros} | {size * 100_000 / 1e6:,.0f} MB |", flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])

"""For orientation: what an endpoint costs that asks the store, signed in at the simulated Google."""

import contextlib
import http.cookiejar
import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import urllib.error
import urllib.parse
import urllib.request

from server import APP_SECRET, CALLBACK, JWKS, LOAD_CORE, SERVER_CORE, Run, broker, free_port

HERE = pathlib.Path(__file__).parent
VERIFIER, CHALLENGE = "a" * 43, "ZtNPunH49FD35FWYhT5Tv8I7vRKQJ8uxMaL0_9eHjNA"
APPS = {"notes": "RS256", "notes-es256": "ES256", "notes-eddsa": "EdDSA"}
SECONDS, CONNECTIONS = 4, 16
# All of it comes from one address, and codes wait for their turn to be redeemed.
MORE = '[limits]\nenabled = false\n[lifetimes]\ncode = "5m"\n'


@contextlib.contextmanager
def program(command, ready):
    """A program that runs beside; what it has printed once `ready` is in it."""
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as process:
        try:
            text = ""
            while ready not in text:
                line = process.stdout.readline()
                if not line:
                    sys.exit(f"{' '.join(command)}: ended\n{text}")
                text += line
            yield text
        finally:
            process.terminate()


@contextlib.contextmanager
def redis():
    port = free_port()
    options = ["--port", str(port), "--bind", "127.0.0.1", "--save", "", "--maxmemory-policy", "noeviction"]
    with program(["taskset", "-c", LOAD_CORE, "redis-server", *options], "eady to accept connections"):
        yield f"redis://127.0.0.1:{port}/0"


@contextlib.contextmanager
def google(binary):
    """The simulator, in which Ada is signed in; its section for the configuration."""
    port = free_port()
    with program([binary, "simulate", "google", "--port", str(port)], "Ctrl-C stops it") as text:
        ask = urllib.request.Request(
            f"http://127.0.0.1:{port}/_simulator/answer", b'{"person": "ada"}', {"Content-Type": "application/json"}
        )
        urllib.request.urlopen(ask, timeout=5).close()
        yield re.search(r"^\[providers.*?(?=\n\n)", text, re.M | re.S)[0]


class Stay(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_):
        return None


def authorize_path(app):
    return "/authorize?" + urllib.parse.urlencode({
        "client_id": app, "redirect_uri": CALLBACK, "response_type": "code", "scope": "openid email",
        "state": "s", "nonce": "n", "code_challenge": CHALLENGE, "code_challenge_method": "S256",
    })


def sign_in(server):
    """The cookies of a browser that is signed in."""
    jar = http.cookiejar.CookieJar()
    opener = urllib.request.build_opener(Stay, urllib.request.HTTPCookieProcessor(jar))
    url = server.url + authorize_path("notes")
    for _ in range(20):
        try:
            sys.exit(f"a page where a redirect should be: {opener.open(url, timeout=5).read().decode()}")
        except urllib.error.HTTPError as answer:
            if "Location" not in answer.headers:
                sys.exit(f"{answer.status} at {url}\n{answer.read().decode()}")
            url = urllib.parse.urljoin(url, answer.headers["Location"])
        if url.startswith(CALLBACK):
            return "; ".join(f"{cookie.name}={cookie.value}" for cookie in jar)
    sys.exit("more than 20 redirects")


def form(app):
    return urllib.parse.urlencode({
        "grant_type": "authorization_code", "client_id": app, "client_secret": APP_SECRET,
        "redirect_uri": CALLBACK, "code_verifier": VERIFIER, "code": "",
    })


def access_token(server, code):
    body = (form("notes") + code).encode()
    with urllib.request.urlopen(server.url + "/token", body, timeout=5) as answer:
        return json.load(answer)["access_token"]


def measure(binary, store, google_section):
    with tempfile.TemporaryDirectory() as folder:
        with broker(binary, folder, SERVER_CORE, store=store, provider=google_section, more=MORE) as server:
            server.until_answered(JWKS)
            os.environ["COOKIE"] = sign_in(server)
            codes = pathlib.Path(folder, "codes")
            os.environ["CODES"] = str(codes)
            rows = []
            for app, alg in APPS.items():
                codes.write_text("")
                rows.append(("/authorize, signed in", Run(server, authorize_path(app), CONNECTIONS, SECONDS, HERE / "codes.lua")))
                os.environ["FORM"] = form(app)
                if app == "notes":
                    first, rest = codes.read_text().split("\n", 1)
                    codes.write_text(rest)
                    os.environ["TOKEN"] = access_token(server, first)
                rows.append((f"/token, ID token {alg}", Run(server, "/token", CONNECTIONS, SECONDS, HERE / "redeem.lua")))
            rows.append(("/userinfo", Run(server, "/userinfo", CONNECTIONS, SECONDS, HERE / "userinfo.lua")))
            return rows[:2] + [rows[3], rows[5], rows[6]]


def main(binary):
    with google(binary) as section, redis() as url:
        print("| one core | SQLite | Redis |\n|---|---|---|")
        for (name, sqlite), (_, other) in zip(measure(binary, None, section), measure(binary, url, section)):
            cells = (f"{run.rate:,.0f}/s, {run.micros:.0f} µs" for run in (sqlite, other))
            print(f"| `{name}` | {' | '.join(cells)} |")


if __name__ == "__main__":
    main(*sys.argv[1:])

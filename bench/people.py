"""A store, a provider at which Ada is signed in, and her browser, without a window."""

import contextlib
import http.client
import http.cookies
import json
import re
import subprocess
import sys
import urllib.parse
import urllib.request

from server import CALLBACK, LOAD_CORE, free_port

VERIFIER, CHALLENGE = "a" * 43, "ZtNPunH49FD35FWYhT5Tv8I7vRKQJ8uxMaL0_9eHjNA"


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


class Redis:
    """A Redis of our own, on the core of the load."""

    def __init__(self, port):
        self.port, self.url = port, f"redis://127.0.0.1:{port}/0"

    def command(self, *words):
        return subprocess.run(["redis-cli", "-p", str(self.port), *words], check=True, capture_output=True, text=True).stdout

    def calls(self):
        """How often each command was called."""
        found = re.findall(r"^cmdstat_(\S+?):calls=(\d+)", self.command("info", "commandstats"), re.M)
        return {name: int(calls) for name, calls in found}


@contextlib.contextmanager
def redis():
    port = free_port()
    options = ["--port", str(port), "--bind", "127.0.0.1", "--save", "", "--maxmemory-policy", "noeviction"]
    options += ["--enable-debug-command", "yes"]
    with program(["taskset", "-c", LOAD_CORE, "redis-server", *options], "eady to accept connections"):
        yield Redis(port)


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


class Browser:
    """Cookies by host, one connection for each."""

    def __init__(self):
        self.connections, self.jars = {}, {}

    def ask(self, url, headers=(), jar=None, method="GET", body=None):
        """Status, headers and body. `jar` names the cookies where it is not the host of `url`."""
        where = urllib.parse.urlsplit(url)
        connection = self.connections.setdefault(where.netloc, http.client.HTTPConnection(where.netloc, timeout=10))
        cookies = self.jars.setdefault(jar or where.netloc, {})
        target = where.path + (f"?{where.query}" if where.query else "")
        line = {"Cookie": "; ".join(f"{name}={value}" for name, value in cookies.items())} if cookies else {}
        connection.request(method, target, body, {**line, **dict(headers)})
        answer = connection.getresponse()
        text = answer.read()
        for header in answer.headers.get_all("Set-Cookie") or []:
            for name, morsel in http.cookies.SimpleCookie(header).items():
                cookies.pop(name, None)
                if morsel["max-age"] != "0":
                    cookies[name] = morsel.value
        return answer.status, answer.headers, text

    def follow(self, url, home):
        """The address, beginning with `home`, that redirects lead to."""
        for _ in range(20):
            status, headers, text = self.ask(url)
            if "Location" not in headers:
                sys.exit(f"{status} at {url}\n{text.decode()}")
            url = urllib.parse.urljoin(url, headers["Location"])
            if url.startswith(home):
                return url
        sys.exit("more than 20 redirects")

    def cookie_line(self, host):
        return "; ".join(f"{name}={value}" for name, value in self.jars[host].items())


def authorize_path(app):
    return "/authorize?" + urllib.parse.urlencode({
        "client_id": app, "redirect_uri": CALLBACK, "response_type": "code", "scope": "openid email",
        "state": "s", "nonce": "n", "code_challenge": CHALLENGE, "code_challenge_method": "S256",
    })


def signed_in(server):
    """A browser that is signed in."""
    browser = Browser()
    browser.follow(server.url + authorize_path("notes"), CALLBACK)
    return browser


def code_form(app, secret):
    """The form of a code, but for the code."""
    return urllib.parse.urlencode({
        "grant_type": "authorization_code", "client_id": app, "client_secret": secret,
        "redirect_uri": CALLBACK, "code_verifier": VERIFIER, "code": "",
    })


def tokens(browser, server, app, secret):
    """What a code is good for."""
    home = browser.follow(server.url + authorize_path(app), CALLBACK)
    code = urllib.parse.parse_qs(urllib.parse.urlsplit(home).query)["code"][0]
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    status, _, text = browser.ask(f"{server.url}/token", form, "an app", "POST", code_form(app, secret) + code)
    if status != 200:
        sys.exit(f"/token: {status} {text.decode()}")
    return json.loads(text)

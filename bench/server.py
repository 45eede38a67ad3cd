"""Servers as an operator starts them, looked at from outside. Standard library only."""

import base64
import contextlib
import hashlib
import pathlib
import re
import secrets
import socket
import subprocess
import sys
import time
import urllib.request

DISCOVERY = "/.well-known/openid-configuration"
JWKS = "/jwks"
# The server has a core for itself, and so has the load.
SERVER_CORE, LOAD_CORE = "0", "1"

APP_SECRET = "bench-secret-of-the-notes"
CALLBACK = "https://notes.example.com/callback"


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Server:
    """A running server on `port`; `first_answer` is the time from its start to its first 200 at `ready`, in seconds."""

    def __init__(self, command, port, core=None, ready=DISCOVERY):
        self.url = f"http://127.0.0.1:{port}"
        pinned = ["taskset", "-c", core, *command] if core else command
        began = time.perf_counter()
        self.process = subprocess.Popen(pinned, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        while not self.answers(ready):
            if self.process.poll() is not None or time.perf_counter() - began > 30:
                self.process.kill()
                sys.exit(f"{' '.join(command)}: no answer")
            time.sleep(0.0005)
        self.first_answer = time.perf_counter() - began

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait(timeout=20)

    def answers(self, path):
        """Whether `path` answers 200 at this moment."""
        host = self.url.removeprefix("http://")
        address, port = host.split(":")
        try:
            with socket.create_connection((address, int(port)), timeout=1) as peer:
                peer.sendall(f"GET {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n".encode())
                return peer.recv(12).endswith(b" 200")
        except OSError:
            return False

    def until_answered(self, path):
        for _ in range(2000):
            if self.answers(path):
                return
            time.sleep(0.01)
        sys.exit(f"{path}: no answer within 20 s")

    def get(self, path):
        with urllib.request.urlopen(self.url + path, timeout=5) as answer:
            return answer.read()

    def memory(self):
        """Resident memory in MiB."""
        status = pathlib.Path(f"/proc/{self.process.pid}/status").read_text()
        return int(re.search(r"VmRSS:\s+(\d+) kB", status)[1]) / 1024

    def cpu(self):
        """Seconds of processor time that its threads have had."""
        tasks = pathlib.Path(f"/proc/{self.process.pid}/task").glob("*/schedstat")
        return sum(int(task.read_text().split()[0]) for task in tasks) / 1e9


def configuration(folder, port, store=None, provider=None, more="", listen=""):
    """Writes a configuration into `folder`, once: its secrets are those of the store."""
    master, pepper = (base64.urlsafe_b64encode(secrets.token_bytes(32)).rstrip(b"=").decode() for _ in range(2))
    google = provider or '[providers.google]\nkind = "google"\nclient_id = "bench"\nclient_secret = "bench-secret"\n'
    app = f"""name = "Notes"
redirect_uris = ["{CALLBACK}"]
consent = "implicit"
secret_sha256 = "{hashlib.sha256(APP_SECRET.encode()).hexdigest()}"
claims.email = {{ need = "required", why = "To measure." }}
"""
    text = f"""issuer = "http://127.0.0.1:{port}"
[listen]
http = "127.0.0.1:{port}"
management = "127.0.0.1:{free_port()}"
{listen}
[store]
url = "{store or f'sqlite://{folder}/vestibule.db'}"
[secrets]
master = "{master}"
pepper = "{pepper}"
{google}
[apps.notes]
{app}
[apps.notes-es256]
id_token_signed_response_alg = "ES256"
{app}
[apps.notes-eddsa]
id_token_signed_response_alg = "EdDSA"
{app}
{more}"""
    file = pathlib.Path(folder, "vestibule.toml")
    file.touch(mode=0o600)
    file.write_text(text)
    return file


@contextlib.contextmanager
def broker(binary, folder, core=None, **options):
    """The broker; started again in the same folder it finds its configuration and its store."""
    file = pathlib.Path(folder, "vestibule.toml")
    if not file.exists():
        configuration(folder, free_port(), **options)
    port = int(re.search(r'issuer = "http://127.0.0.1:(\d+)"', file.read_text())[1])
    with Server([binary, "serve", "--config", str(file)], port, core) as server:
        yield server


def wrk(url, connections, seconds, script=None):
    """Requests per second, and how many. Any answer but 2xx and 3xx is an error."""
    command = ["taskset", "-c", LOAD_CORE, "wrk", "-t1", f"-c{connections}", f"-d{seconds}s"]
    command += ["-s", str(script)] if script else []
    text = subprocess.run([*command, url], check=True, capture_output=True, text=True).stdout
    if "Non-2xx" in text:
        sys.exit(f"{url}: not every answer was what it should be\n{text}")
    return float(re.search(r"Requests/sec:\s+([\d.]+)", text)[1]), int(re.search(r"(\d+) requests in", text)[1])


class Run:
    """A load and what it cost: requests per second, and microseconds of processor time for each."""

    def __init__(self, server, path, connections, seconds, script=None):
        before = server.cpu()
        self.rate, self.requests = wrk(server.url + path, connections, seconds, script)
        self.micros = (server.cpu() - before) / self.requests * 1e6

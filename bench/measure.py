"""Measures the built program from outside, as an operator and a load balancer see it. Standard library only."""

import base64
import json
import os
import pathlib
import re
import secrets
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request

DISCOVERY = "/.well-known/openid-configuration"
JWKS = "/jwks"
# The server has a core for itself, and so has the load.
SERVER_CORE, LOAD_CORE = "0", "1"
STARTS, ROUNDS, SECONDS, CONNECTIONS = 7, 5, 4, 32


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Server:
    """A running server on a free port; `first_answer` is the time from its start to its first 200, in seconds."""

    def __init__(self, command, port, core=None):
        self.url = f"http://127.0.0.1:{port}"
        pinned = ["taskset", "-c", core, *command] if core else command
        began = time.perf_counter()
        self.process = subprocess.Popen(pinned, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        while not answers(port, DISCOVERY):
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

    def memory(self):
        """Resident memory in MiB."""
        status = pathlib.Path(f"/proc/{self.process.pid}/status").read_text()
        return int(re.search(r"VmRSS:\s+(\d+) kB", status)[1]) / 1024

    def get(self, path):
        with urllib.request.urlopen(self.url + path, timeout=5) as answer:
            return answer.read()


def answers(port, path):
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=1) as peer:
            peer.sendall(f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nConnection: close\r\n\r\n".encode())
            return peer.recv(12).endswith(b" 200")
    except OSError:
        return False


def until_answered(server, path):
    for _ in range(2000):
        if answers(int(server.url.rsplit(":", 1)[1]), path):
            return
        time.sleep(0.01)
    sys.exit(f"{path}: no answer within 20 s")


def configuration(folder, port):
    key = base64.urlsafe_b64encode(secrets.token_bytes(32)).rstrip(b"=").decode()
    text = f"""
issuer = "http://127.0.0.1:{port}"
[listen]
http = "127.0.0.1:{port}"
management = "127.0.0.1:{free_port()}"
[store]
url = "sqlite://{folder}/vestibule.db"
[secrets]
master = "{key}"
pepper = "{key[::-1]}"
[providers.google]
kind = "google"
client_id = "bench"
client_secret = "bench-secret"
[apps.notes]
name = "Notes"
redirect_uris = ["https://notes.example.com/callback"]
claims.email = {{ need = "required", why = "To measure." }}
"""
    file = pathlib.Path(folder, "vestibule.toml")
    file.touch(mode=0o600)
    file.write_text(text)
    return file


def broker(binary, folder, core=None):
    port = free_port()
    command = [binary, "serve", "--config", str(configuration(folder, port))]
    return Server(command, port, core)


def starts(binary):
    """Median milliseconds to the first answer: the first start, which makes keys, and later ones on the same file."""
    first, later = [], []
    for _ in range(STARTS):
        with tempfile.TemporaryDirectory() as folder:
            with broker(binary, folder) as server:
                first.append(server.first_answer * 1000)
                until_answered(server, JWKS)
            with broker(binary, folder) as server:
                later.append(server.first_answer * 1000)
    return statistics.median(first), statistics.median(later)


def idle_memory(binary):
    with tempfile.TemporaryDirectory() as folder:
        broker(binary, folder).__exit__()
        with broker(binary, folder) as server:
            until_answered(server, JWKS)
            time.sleep(2)  # whatever runs beside the start has ended
            return server.memory()


def load(server, path):
    """Requests per second; any answer but 2xx is an error."""
    command = ["taskset", "-c", LOAD_CORE, "wrk", "-t1", f"-c{CONNECTIONS}", f"-d{SECONDS}s", server.url + path]
    text = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    if "Non-2xx" in text:
        sys.exit(f"{path}: not every answer was 200\n{text}")
    return float(re.search(r"Requests/sec:\s+([\d.]+)", text)[1])


def rates(binary, bare):
    """Median requests per second of each path, ours and the bare twin's, in turns so that both see the same machine."""
    with tempfile.TemporaryDirectory() as folder, broker(binary, folder, SERVER_CORE) as ours:
        until_answered(ours, JWKS)
        files = []
        for path in (DISCOVERY, JWKS):
            file = pathlib.Path(folder, path.strip("/").replace("/", "_"))
            file.write_bytes(ours.get(path))
            files.append(f"{path}={file}")
        port = free_port()
        with Server([bare, f"127.0.0.1:{port}", *files], port, SERVER_CORE) as twin:
            result = {}
            for path in (DISCOVERY, JWKS):
                runs = [(load(ours, path), load(twin, path)) for _ in range(ROUNDS)]
                own, other = (statistics.median(column) for column in zip(*runs))
                result[path] = {"requests_per_second": own, "bare": other, "ratio": own / other}
            result["memory_after_load_mib"] = ours.memory()
            return result


def main(binary, bare, out):
    first, later = starts(binary)
    rate = rates(binary, bare)
    loaded = rate.pop("memory_after_load_mib")
    report = {
        "size_mb": os.path.getsize(binary) / 1e6,
        "memory_idle_mib": idle_memory(binary),
        "memory_after_load_mib": loaded,
        "first_start_ms": first,
        "later_start_ms": later,
        "rates": rate,
    }
    pathlib.Path(out).write_text(json.dumps(report, indent=2) + "\n")
    rows = [
        ("binary", f"{report['size_mb']:.1f} MB", "under 25 MB"),
        ("memory, idle", f"{report['memory_idle_mib']:.1f} MiB", "under 20 MiB"),
        ("memory, after load", f"{loaded:.1f} MiB", ""),
        ("first start to first answer", f"{first:.0f} ms", "under 100 ms"),
        ("later start to first answer", f"{later:.0f} ms", "under 100 ms"),
    ]
    for path, r in rate.items():
        rows.append((f"`{path}`, one core", f"{r['requests_per_second']:,.0f}/s, {r['ratio']:.2f} of bare ({r['bare']:,.0f}/s)", "0.8 of bare"))
    print("| what | measured | aim |\n|---|---|---|")
    for row in rows:
        print(f"| {' | '.join(row)} |")


if __name__ == "__main__":
    main(*sys.argv[1:])

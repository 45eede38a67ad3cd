"""Size, memory, time to the first answer, and requests per second beside a bare actix handler."""

import json
import os
import pathlib
import statistics
import sys
import tempfile
import time

from server import DISCOVERY, JWKS, SERVER_CORE, Run, Server, broker, free_port

STARTS, ROUNDS, SECONDS, CONNECTIONS = 9, 15, 2, 32


def starts(binary):
    """Milliseconds to the first answer: of first starts, which make keys, and of later ones on the same file."""
    first, later = [], []
    for _ in range(STARTS):
        with tempfile.TemporaryDirectory() as folder:
            with broker(binary, folder) as server:
                first.append(server.first_answer * 1000)
                server.until_answered(JWKS)
            with broker(binary, folder) as server:
                later.append(server.first_answer * 1000)
    return first, later


def idle_memory(binary):
    """Resident memory in MiB of a start that finds its keys."""
    with tempfile.TemporaryDirectory() as folder:
        with broker(binary, folder) as server:
            server.until_answered(JWKS)
        with broker(binary, folder) as server:
            server.until_answered(JWKS)
            time.sleep(2)  # what runs beside the start has ended
            return server.memory()


def rates(binary, bare):
    """Both servers at each path in turns, so that both see the same machine; and our memory after all of it."""
    with tempfile.TemporaryDirectory() as folder, broker(binary, folder, SERVER_CORE) as ours:
        ours.until_answered(JWKS)
        files = []
        for path in (DISCOVERY, JWKS):
            file = pathlib.Path(folder, path.strip("/").replace("/", "_"))
            file.write_bytes(ours.get(path))
            files.append(f"{path}=file,{file}")
        port = free_port()
        with Server([bare, f"127.0.0.1:{port}", *files], port, SERVER_CORE) as twin:
            result = {}
            for path in (DISCOVERY, JWKS):
                pairs = [tuple(Run(server, path, CONNECTIONS, SECONDS) for server in (ours, twin)) for _ in range(ROUNDS)]
                result[path] = compare(pairs)
            return result, ours.memory()


def compare(pairs):
    """The best of each, since whatever else runs on the machine only takes away; ratios as medians over the rounds."""
    own, other = zip(*pairs)
    return {
        "requests_per_second": max(run.rate for run in own),
        "bare": max(run.rate for run in other),
        "ratio": statistics.median(a.rate / b.rate for a, b in pairs),
        "cpu_us": statistics.median(run.micros for run in own),
        "bare_cpu_us": statistics.median(run.micros for run in other),
        "cpu_ratio": statistics.median(b.micros / a.micros for a, b in pairs),
    }


def main(binary, bare, out):
    first, later = starts(binary)
    rate, loaded = rates(binary, bare)
    report = {
        "size_mb": os.path.getsize(binary) / 1e6,
        "memory_idle_mib": idle_memory(binary),
        "memory_after_load_mib": loaded,
        "first_start_ms": first,
        "later_start_ms": later,
        "rates": rate,
    }
    pathlib.Path(out).write_text(json.dumps(report, indent=2) + "\n")

    def times(runs):
        return f"{min(runs):.0f} ms best, {statistics.median(runs):.0f} ms median of {len(runs)}"

    rows = [
        ("binary", f"{report['size_mb']:.1f} MB", "under 25 MB"),
        ("memory, idle", f"{report['memory_idle_mib']:.1f} MiB", "under 20 MiB"),
        ("memory, after load", f"{loaded:.1f} MiB", ""),
        ("first start to first answer", times(first), "under 100 ms"),
        ("later start to first answer", times(later), "under 100 ms"),
    ]
    for path, r in rate.items():
        measured = (
            f"{r['ratio']:.2f} of bare (best {r['requests_per_second']:,.0f}/s and {r['bare']:,.0f}/s); by processor "
            f"time {r['cpu_ratio']:.2f} ({r['cpu_us']:.1f} µs and {r['bare_cpu_us']:.1f} µs a request)"
        )
        rows.append((f"`{path}`, one core", measured, "0.8 of bare"))
    print("| what | measured | aim |\n|---|---|---|")
    for row in rows:
        print(f"| {' | '.join(row)} |")


if __name__ == "__main__":
    main(*sys.argv[1:])

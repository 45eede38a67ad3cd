"""The broker with a real provider above it, started once for all tests of this folder."""

import json
import pathlib
import subprocess

import pytest
import requests

HERE = pathlib.Path(__file__).parent


@pytest.fixture(scope="session", params=["sqlite", "redis"])
def stack(request):
    """Where everything is: `issuer`, and the `apps` with their secrets and addresses."""
    command = ["node", "support/stack.mjs", request.param]
    with subprocess.Popen(command, cwd=HERE, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        line = process.stdout.readline()
        assert line, "the stack did not start"
        yield json.loads(line)
        process.stdin.close()
        assert process.wait(timeout=30) == 0


@pytest.fixture
def browser():
    """A browser without a window: follows redirects until they lead to an app."""
    return Browser()


class Browser:
    """Cookies and redirects, as a browser has them."""

    def __init__(self):
        self.session = requests.Session()
        self.session.headers["Accept"] = "text/html"

    def follow(self, url, home):
        """The address, beginning with `home`, that the redirects from `url` lead to."""
        for _ in range(20):
            answer = self.session.get(url, allow_redirects=False)
            assert answer.is_redirect, f"ended on a page: {answer.status_code}\n{answer.text}"
            url = requests.compat.urljoin(url, answer.headers["Location"])
            if url.startswith(home):
                return url
        raise AssertionError("more than 20 redirects")

"""What the gate signs, verified by PyJWT as an app behind it does; and what else we sign, which does not pass the gate."""

import time
import urllib.parse

import jwt
import pytest
import requests

TYPE = "vestibule-gate+jwt"


class Proxy:
    """A proxy before the gated apps: asks about requests, and brings the pages of the gate itself."""

    def __init__(self, stack, browser):
        self.issuer, self.browser, self.cookies = stack["issuer"], browser, {}

    def told(self, origin):
        scheme, host = origin.split("://")
        return {"X-Forwarded-Proto": scheme, "X-Forwarded-Host": host, "Host": host}

    def check(self, origin, path="/", method="GET", token=None):
        headers = {**self.told(origin), "X-Forwarded-Method": method, "X-Forwarded-Uri": path}
        if token:
            headers["Authorization"] = f"Bearer {token}"
        return requests.get(f"{self.issuer}/gate/forward-auth", headers=headers, cookies=self.cookies.get(origin), timeout=5)

    def page(self, origin, target):
        answer = requests.get(self.issuer + target, headers=self.told(origin), cookies=self.cookies.get(origin), allow_redirects=False, timeout=5)
        self.cookies.setdefault(origin, {}).update(answer.cookies.get_dict())
        return answer

    def sign_in(self, origin):
        """The headers that an app gets about a person who signed in."""
        begun = self.page(origin, "/.vestibule/start")
        back = urllib.parse.urlsplit(self.browser.follow(begun.headers["Location"], origin))
        assert self.page(origin, f"{back.path}?{back.query}").status_code == 303
        answer = self.check(origin)
        assert answer.status_code == 200
        return answer.headers


@pytest.fixture
def proxy(stack, browser):
    return Proxy(stack, browser)


@pytest.fixture
def key(stack):
    client = jwt.PyJWKClient(f"{stack['issuer']}/jwks")
    return client.get_signing_key_from_jwt


def machine_token(stack, *resources):
    robot = stack["robot"]
    form = [("grant_type", "client_credentials"), *(("resource", one) for one in resources)]
    answer = requests.post(f"{stack['issuer']}/token", form, auth=(robot["id"], robot["secret"]), timeout=5)
    assert answer.status_code == 200, answer.text
    return answer.json()["access_token"]


def verify(token, key, issuer, audience, **more):
    """As docs/gate says: signature, type, issuer, audience, time."""
    assert jwt.get_unverified_header(token)["typ"] == TYPE
    return jwt.decode(token, key(token), algorithms=["ES256"], issuer=issuer, audience=audience, **more)


def test_pyjwt_verifies_what_the_gate_says(stack, proxy, key):
    wiki, board = stack["gated"]["wiki"], stack["gated"]["board"]
    headers = proxy.sign_in(wiki)
    token = headers["X-Vestibule-Jwt"]
    required = {"require": ["iss", "sub", "aud", "exp", "iat", "jti", "client_id", "auth_time", "sid"]}
    claims = verify(token, key, stack["issuer"], wiki, options=required)
    assert (claims["sub"], claims["email"]) == (headers["Remote-User"], headers["Remote-Email"])
    assert claims["email"] == "ada@example.org"
    assert 0 < claims["exp"] - claims["iat"] <= 300 and claims["exp"] > time.time()
    with pytest.raises(jwt.InvalidAudienceError):
        verify(token, key, stack["issuer"], board)
    with pytest.raises(jwt.InvalidIssuerError):
        verify(token, key, "https://other.test", wiki)
    with pytest.raises(jwt.ExpiredSignatureError):
        verify(token, key, stack["issuer"], wiki, leeway=-301, options={"verify_iat": False})
    head, body, signature = token.split(".")
    with pytest.raises(jwt.InvalidSignatureError):
        verify(f"{head}.{body}.{signature[:-4]}AAAA", key, stack["issuer"], wiki)
    # The same person is somebody else at another app, which is told so in a token of its own.
    other = verify(proxy.sign_in(board)["X-Vestibule-Jwt"], key, stack["issuer"], board)
    assert other["sub"] != claims["sub"] and other["jti"] != claims["jti"]


def test_a_service_comes_in_with_a_real_token_where_a_rule_names_it(stack, proxy, key):
    wiki, board = stack["gated"]["wiki"], stack["gated"]["board"]
    token = machine_token(stack, wiki)
    assert jwt.decode(token, key(token), algorithms=["ES256"], issuer=stack["issuer"], audience=wiki)["client_id"] == "robot"
    answer = proxy.check(wiki, "/api/pages?x=1", token=token)
    assert (answer.status_code, answer.headers["X-Vestibule-Auth"], answer.headers["Remote-User"]) == (200, "machine", "robot")
    assert not answer.headers["Remote-Email"] and not answer.headers["X-Vestibule-Jwt"]
    assert proxy.check(wiki, "/", token=token).status_code == 403
    assert proxy.check(wiki, "/api/pages", "DELETE", token=token).status_code == 403
    assert proxy.check(board, "/api/pages", token=token).status_code == 401, "it is for another app"
    both = machine_token(stack, wiki, board)
    assert [proxy.check(origin, "/api/", token=both).status_code for origin in (wiki, board)] == [200, 200]


def test_nothing_else_of_ours_passes_the_gate(stack, proxy, browser):
    wiki, board = stack["gated"]["wiki"], stack["gated"]["board"]
    gate_jwts = [proxy.sign_in(origin)["X-Vestibule-Jwt"] for origin in (wiki, board)]
    notes = stack["apps"]["notes"]
    query = {"client_id": "notes", "redirect_uri": notes["redirectUri"], "response_type": "code", "scope": "openid email", "state": "s", "nonce": "n"}
    home = browser.follow(f"{stack['issuer']}/authorize?{urllib.parse.urlencode(query)}", notes["redirectUri"])
    code = urllib.parse.parse_qs(urllib.parse.urlsplit(home).query)["code"][0]
    form = {"grant_type": "authorization_code", "code": code, "redirect_uri": notes["redirectUri"]}
    tokens = requests.post(f"{stack['issuer']}/token", form, auth=("notes", notes["secret"]), timeout=5).json()
    stranger = Proxy(stack, browser)
    refused = [*gate_jwts, tokens["id_token"], tokens["access_token"], tokens["refresh_token"], machine_token(stack), machine_token(stack, board)]
    for token in refused:
        answer = stranger.check(wiki, "/api/pages", token=token)
        assert answer.status_code == 401, token
        assert "invalid_token" in answer.headers["WWW-Authenticate"]
        assert "Remote-User" not in answer.headers

"""Authlib as an app and PyJWT as a service that verifies, both unchanged and with their default settings."""

import jwt
import pytest
import requests
from authlib.integrations.base_client.errors import OAuthError
from authlib.integrations.requests_client import OAuth2Session
from joserfc import jwt as jose
from joserfc.jwk import KeySet

SCOPE = "openid profile email"


@pytest.fixture
def metadata(stack):
    return requests.get(f"{stack['issuer']}/.well-known/openid-configuration", timeout=5).json()


def session(stack, name, **options):
    app = stack["apps"][name]
    return OAuth2Session(name, app.get("secret"), redirect_uri=app["redirectUri"], scope=SCOPE, **options)


def sign_in(stack, metadata, browser, name="notes", **options):
    """Signs in as Authlib's documentation does it, and gives back the session and the address it returned to."""
    client = session(stack, name, **options)
    verifier = "a-code-verifier-of-at-least-forty-three-characters" if options.get("code_challenge_method") else None
    url, _state = client.create_authorization_url(metadata["authorization_endpoint"], nonce="a-nonce", code_verifier=verifier)
    home = browser.follow(url, stack["apps"][name]["redirectUri"])
    client.fetch_token(metadata["token_endpoint"], authorization_response=home, code_verifier=verifier)
    return client, home


@pytest.mark.parametrize("method", ["client_secret_basic", "client_secret_post"])
def test_authlib_signs_in_and_asks_who_it_is(stack, metadata, browser, method):
    client, _ = sign_in(stack, metadata, browser, token_endpoint_auth_method=method)
    user = client.get(metadata["userinfo_endpoint"]).json()
    assert (user["name"], user["email"], user["email_verified"]) == ("Ada Lovelace", "ada@example.org", True)


def test_authlib_signs_in_as_a_public_app_with_pkce(stack, metadata, browser):
    client, _ = sign_in(stack, metadata, browser, "spa", token_endpoint_auth_method="none", code_challenge_method="S256")
    assert client.token["token_type"] == "Bearer"
    assert client.token["expires_in"] == 300


def test_a_code_works_once(stack, metadata, browser):
    client, home = sign_in(stack, metadata, browser)
    with pytest.raises(OAuthError, match="invalid_grant"):
        session(stack, "notes").fetch_token(metadata["token_endpoint"], authorization_response=home)
    assert client.get(metadata["userinfo_endpoint"]).status_code == 401


@pytest.mark.parametrize("name, options", [
    ("notes", {}),
    ("spa", {"token_endpoint_auth_method": "none", "code_challenge_method": "S256"}),
])
def test_authlib_refreshes_and_gives_back(stack, metadata, browser, name, options):
    client, _ = sign_in(stack, metadata, browser, name, **options)
    before = dict(client.token)
    client.refresh_token(metadata["token_endpoint"])
    assert client.token["refresh_token"] != before["refresh_token"]
    user = client.get(metadata["userinfo_endpoint"]).json()
    assert user["sub"] == jwt.decode(before["id_token"], options={"verify_signature": False})["sub"]
    assert client.revoke_token(metadata["revocation_endpoint"], client.token["refresh_token"]).status_code == 200
    with pytest.raises(OAuthError, match="invalid_grant"):
        client.refresh_token(metadata["token_endpoint"])


def test_the_id_token_verifies_with_the_library_that_authlib_uses(stack, metadata, browser):
    client, _ = sign_in(stack, metadata, browser)
    keys = KeySet.import_key_set(requests.get(metadata["jwks_uri"], timeout=5).json())
    token = jose.decode(client.token["id_token"], keys)
    checks = {name: {"essential": True, "value": value} for name, value in
              {"iss": stack["issuer"], "aud": "notes", "nonce": "a-nonce"}.items()}
    jose.JWTClaimsRegistry(**checks).validate(token.claims)


def test_pyjwt_verifies_an_access_token_as_a_service_does(stack, metadata, browser):
    client, _ = sign_in(stack, metadata, browser)
    token = client.token["access_token"]
    key = jwt.PyJWKClient(metadata["jwks_uri"]).get_signing_key_from_jwt(token)
    claims = jwt.decode(token, key, algorithms=["ES256"], issuer=stack["issuer"], audience="notes")
    assert claims["client_id"] == "notes"
    assert jwt.get_unverified_header(token)["typ"] == "at+jwt"
    with pytest.raises(jwt.InvalidAudienceError):
        jwt.decode(token, key, algorithms=["ES256"], issuer=stack["issuer"], audience="tasks")

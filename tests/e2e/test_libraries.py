"""More client libraries of Python that nobody here wrote, unchanged and with their default settings: each signs in, reads
the claims, refreshes where it can, and signs out. Those of other languages are in libraries.test.mjs."""

from urllib.parse import urlencode

import flask
import pytest
import requests

HOME = "https://library.example.com"
pytestmark = pytest.mark.parametrize("stack", ["sqlite"], indirect=True)


@pytest.fixture
def app(stack):
    """What an app is told: who it is, and what the broker publishes about itself."""
    about = requests.get(f"{stack['issuer']}/.well-known/openid-configuration", timeout=5).json()
    return {"id": "library", "secret": stack["apps"]["library"]["secret"], "issuer": stack["issuer"], "about": about}


def test_requests_oauthlib(app, browser, monkeypatch):
    from requests_oauthlib import OAuth2Session

    monkeypatch.setenv("OAUTHLIB_INSECURE_TRANSPORT", "1")  # the broker of these tests speaks plain http
    about, secret = app["about"], app["secret"]
    client = OAuth2Session(app["id"], redirect_uri=f"{HOME}/callback", scope=["openid", "profile", "email"], pkce="S256")
    url, _ = client.authorization_url(about["authorization_endpoint"])
    home = browser.follow(url, f"{HOME}/callback")
    first = client.fetch_token(about["token_endpoint"], authorization_response=home, client_secret=secret)
    client.refresh_token(about["token_endpoint"], auth=(app["id"], secret))
    assert client.token["access_token"] != first["access_token"]
    user = client.get(about["userinfo_endpoint"]).json()
    assert (user["name"], user["email"]) == ("Ada Lovelace", "ada@example.org")


def test_pyoidc_in_flask(app, browser):
    from flask_pyoidc import OIDCAuthentication
    from flask_pyoidc.provider_configuration import ClientMetadata, ProviderConfiguration
    from flask_pyoidc.user_session import UserSession

    web = flask.Flask("library")
    web.config.update(SECRET_KEY="only for tests", OIDC_REDIRECT_URI=f"{HOME}/redirect_uri")
    metadata = ClientMetadata(client_id=app["id"], client_secret=app["secret"], post_logout_redirect_uris=[f"{HOME}/bye"])
    asked = {"scope": ["openid", "profile", "email"]}
    provider = ProviderConfiguration(issuer=app["issuer"], client_metadata=metadata, auth_request_params=asked)
    auth = OIDCAuthentication({"vestibule": provider}, web)

    @web.get("/")
    @auth.oidc_auth("vestibule")
    def home():
        before = UserSession(flask.session).access_token
        return {"user": UserSession(flask.session).userinfo, "fresh": auth.valid_access_token(True) != before}

    @web.get("/bye")
    @auth.oidc_logout
    def bye():
        return "Gone"

    client = web.test_client()
    back = browser.follow(client.get("/", base_url=HOME).location, f"{HOME}/redirect_uri")
    client.get(back.removeprefix(HOME), base_url=HOME)
    known = client.get("/", base_url=HOME).json
    assert (known["user"]["name"], known["user"]["email"], known["fresh"]) == ("Ada Lovelace", "ada@example.org", True)
    back = browser.follow(client.get("/bye", base_url=HOME).location, f"{HOME}/bye")
    assert client.get(back.removeprefix(HOME), base_url=HOME).text == "Gone"
    assert client.get("/", base_url=HOME).location.startswith(app["about"]["authorization_endpoint"])


def leave(request):
    """Where mozilla-django-oidc sends whoever signs out: its documentation leaves this to the app."""
    from django.conf import settings

    hint = {"id_token_hint": request.session["oidc_id_token"], "post_logout_redirect_uri": f"{HOME}/bye"}
    return f"{settings.END_SESSION}?{urlencode(hint)}"


@pytest.fixture
def site(app):
    """A site of Django's with three libraries in it, and a person's view of it. Django is configured once in a process."""
    import django
    from django.conf import settings

    if not settings.configured:
        settings.configure(**configuration(**app))
        django.setup()
        from django.core.management import call_command

        call_command("migrate", verbosity=0)
    from django.contrib.auth.models import User
    from django.test import Client

    yield Client(headers={"host": HOME.removeprefix("https://")})
    User.objects.all().delete()


def configuration(id, secret, issuer, about):  # noqa: A002
    apps = ["contrib.auth", "contrib.contenttypes", "contrib.sessions", "contrib.messages"]
    seen = "django.contrib.messages.context_processors.messages"
    openid = {"provider_id": "vestibule", "name": "Vestibule", "client_id": id, "secret": secret, "settings": {"server_url": issuer}}
    return {
        "SECRET_KEY": "only for tests",
        "ALLOWED_HOSTS": ["library.example.com"],
        "ROOT_URLCONF": "support.django_urls",
        "DATABASES": {"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"}},
        "TEMPLATES": [{"BACKEND": "django.template.backends.django.DjangoTemplates", "APP_DIRS": True, "OPTIONS": {"context_processors": [seen]}}],
        "INSTALLED_APPS": [f"django.{name}" for name in apps]
        + ["mozilla_django_oidc", "social_django", "allauth", "allauth.account", "allauth.socialaccount"]
        + ["allauth.socialaccount.providers.openid_connect"],
        "MIDDLEWARE": [
            "django.contrib.sessions.middleware.SessionMiddleware",
            "django.contrib.auth.middleware.AuthenticationMiddleware",
            "django.contrib.messages.middleware.MessageMiddleware",
            "allauth.account.middleware.AccountMiddleware",
            "mozilla_django_oidc.middleware.SessionRefresh",
        ],
        "AUTHENTICATION_BACKENDS": [
            "social_core.backends.open_id_connect.OpenIdConnectAuth",
            "allauth.account.auth_backends.AuthenticationBackend",
            "mozilla_django_oidc.auth.OIDCAuthenticationBackend",
        ],
        "LOGIN_REDIRECT_URL": "/",
        "LOGOUT_REDIRECT_URL": "/",
        "END_SESSION": about["end_session_endpoint"],
        # mozilla-django-oidc, which knows no discovery.
        "OIDC_RP_CLIENT_ID": id,
        "OIDC_RP_CLIENT_SECRET": secret,
        "OIDC_RP_SIGN_ALGO": "RS256",
        "OIDC_OP_JWKS_ENDPOINT": about["jwks_uri"],
        "OIDC_OP_AUTHORIZATION_ENDPOINT": about["authorization_endpoint"],
        "OIDC_OP_TOKEN_ENDPOINT": about["token_endpoint"],
        "OIDC_OP_USER_ENDPOINT": about["userinfo_endpoint"],
        "OIDC_OP_LOGOUT_URL_METHOD": f"{__name__}.leave",
        "OIDC_STORE_ID_TOKEN": True,
        # social-auth
        "SOCIAL_AUTH_OIDC_OIDC_ENDPOINT": issuer,
        "SOCIAL_AUTH_OIDC_KEY": id,
        "SOCIAL_AUTH_OIDC_SECRET": secret,
        # allauth
        "SOCIALACCOUNT_PROVIDERS": {"openid_connect": {"APPS": [openid]}},
    }


def sign_in(site, browser, start, callback):
    """Signs in as the button on the library's page does, and gives back who the site believes it is."""
    from django.contrib.auth import get_user

    answer = start(secure=True)
    back = browser.follow(answer["Location"], HOME + callback)
    answer = site.get(back.removeprefix(HOME), secure=True)
    assert (answer.status_code, answer.get("Location")) == (302, "/"), answer.content
    request = type("Request", (), {"session": site.session})()
    return get_user(request)


def test_mozilla_django_oidc(site, app, browser):
    user = sign_in(site, browser, lambda **how: site.get("/oidc/authenticate/", **how), "/oidc/callback/")
    assert user.email == "ada@example.org"
    # It has no use for a refresh token: it asks the broker again, without a page.
    session = site.session
    session["oidc_id_token_expiration"] = 0
    session.save()
    again = site.get("/", secure=True)["Location"]
    assert "prompt=none" in again
    back = browser.follow(again, f"{HOME}/oidc/callback/")
    assert site.get(back.removeprefix(HOME), secure=True)["Location"] == "/"
    assert site.get("/", secure=True).content == b"ada@example.org"
    out = site.post("/oidc/logout/", secure=True)["Location"]
    assert browser.follow(out, f"{HOME}/bye") == f"{HOME}/bye"
    assert site.get("/", secure=True).content == b""


def test_social_auth(site, app, browser):
    from social_django.utils import load_strategy

    user = sign_in(site, browser, lambda **how: site.post("/login/oidc/", **how), "/complete/oidc/")
    assert (user.email, user.first_name, user.last_name) == ("ada@example.org", "Ada", "Lovelace")
    known = user.social_auth.get()
    before = known.access_token
    known.refresh_token(load_strategy())
    assert known.access_token != before


def test_allauth(site, app, browser):
    start = lambda **how: site.post("/accounts/oidc/vestibule/login/", **how)  # noqa: E731
    user = sign_in(site, browser, start, "/accounts/oidc/vestibule/login/callback/")
    assert user.email == "ada@example.org"
    known = user.socialaccount_set.get().extra_data["userinfo"]
    assert (known["name"], known["email_verified"]) == ("Ada Lovelace", True)

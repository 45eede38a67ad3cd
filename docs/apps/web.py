# A web app. pip install flask authlib requests; then flask --app web run --port 3000, with the environment that it reads
import os
import secrets
from authlib.integrations.flask_client import OAuth, OAuthError
from flask import Flask, redirect, render_template_string, session, url_for

app = Flask(__name__)
app.config.update(SECRET_KEY=os.environ["SECRET_KEY"], SESSION_COOKIE_SAMESITE="Lax")
signed_in = {}  # tokens by session; yours belong where all instances find them, not into the cookie
vestibule = OAuth(app).register(
    "vestibule", client_id=os.environ["CLIENT_ID"], client_secret=os.environ["CLIENT_SECRET"],
    server_metadata_url=os.environ["ISSUER"] + "/.well-known/openid-configuration",
    client_kwargs={"scope": "openid profile email", "code_challenge_method": "S256"},
    update_token=lambda token, **_: signed_in.update({session["id"]: token}))  # called after a refresh
PAGE = """{% if user %}<form method="post" action="/logout">{{ user.name }}<button>Sign out</button></form>
{% else %}<a href="/login">Sign in</a>{% endif %}"""

@app.get("/")
def home():
    token = signed_in.get(session.get("id"))
    try:  # An access token that is about to expire is refreshed on the way.
        return render_template_string(PAGE, user=token and vestibule.userinfo(token=token))
    except OAuthError:  # The person signed out, or disconnected this app.
        return redirect(url_for("login"))

@app.get("/login")
def login():
    return vestibule.authorize_redirect(url_for("callback", _external=True))

@app.get("/callback")
def callback():
    token = vestibule.authorize_access_token()
    session["id"] = secrets.token_urlsafe()
    signed_in[session["id"]] = token
    return redirect(url_for("home"))

@app.post("/logout")
def logout():
    token = signed_in.pop(session.pop("id", None), {})
    return vestibule.logout_redirect(url_for("home", _external=True), token.get("id_token"))

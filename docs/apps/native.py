# An app on somebody's own machine. pip install authlib requests; then ISSUER=… CLIENT_ID=… python native.py
import os
import webbrowser
from http.server import BaseHTTPRequestHandler, HTTPServer
import requests
from authlib.common.security import generate_token
from authlib.integrations.requests_client import OAuth2Session

ISSUER, CLIENT_ID = os.environ["ISSUER"], os.environ["CLIENT_ID"]
about = requests.get(f"{ISSUER}/.well-known/openid-configuration", timeout=10).json()


class Answer(BaseHTTPRequestHandler):
    """The browser comes back here, once."""

    def do_GET(self):
        self.server.answer = self.path
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b"Done. You may close this tab.")

    def log_message(self, *_):
        """The address has the code in it: it goes into no log."""


with HTTPServer(("127.0.0.1", 0), Answer) as server:  # Any free port.
    client = OAuth2Session(
        CLIENT_ID, token_endpoint=about["token_endpoint"], token_endpoint_auth_method="none",
        scope="openid profile offline_access", redirect_uri=f"http://127.0.0.1:{server.server_port}/callback",
        code_challenge_method="S256")
    verifier = generate_token(48)
    url, state = client.create_authorization_url(about["authorization_endpoint"], code_verifier=verifier)
    webbrowser.open(url)
    server.handle_request()

client.fetch_token(about["token_endpoint"], authorization_response=server.answer, state=state, code_verifier=verifier)
print("Hello,", client.get(about["userinfo_endpoint"]).json()["name"])
client.refresh_token(about["token_endpoint"])  # Done by itself in time; with client.token in a keychain, also tomorrow.
print("Still", client.get(about["userinfo_endpoint"]).json()["name"])
client.revoke_token(about["revocation_endpoint"], client.token["refresh_token"])  # Signed out here.

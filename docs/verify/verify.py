# pip install 'pyjwt[crypto]'
import threading
import time
import jwt


def verifier(issuer, audience, fresh=300, cool_down=30):  # seconds
    """Gives the check of access tokens: `audience` is the client id of the app, or the address of your service."""
    client = jwt.PyJWKClient(f"{issuer}/jwks", cache_jwk_set=False, timeout=5)
    keys, asked, lock = {}, float("-inf"), threading.Lock()
    rules = {"algorithms": ["ES256"], "issuer": issuer, "audience": audience, "leeway": 5}

    def find(kid):  # Keys are fetched when they are old, and for an unknown name: not more than twice a minute.
        nonlocal keys, asked
        with lock:
            if time.monotonic() - asked > (fresh if kid in keys else cool_down):
                try:
                    keys = {key.key_id: key for key in client.get_signing_keys()}
                except (jwt.PyJWTError, OSError, ValueError):  # An outage changes nothing for keys that are known.
                    if not keys:
                        raise
                asked = time.monotonic()
            if kid not in keys:
                raise jwt.InvalidTokenError("unknown key")
            return keys[kid]

    def verify(token):
        header = jwt.get_unverified_header(token)
        if header.get("typ") != "at+jwt":
            raise jwt.InvalidTokenError("not an access token")
        claims = jwt.decode(token, find(header.get("kid")), options={"require": ["exp", "sub", "client_id"]}, **rules)
        if "cnf" in claims:  # RFC 9449, section 7.1
            raise jwt.InvalidTokenError("good only with a DPoP proof")
        return claims

    return verify

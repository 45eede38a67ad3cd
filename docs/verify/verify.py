# pip install 'pyjwt[crypto]'
import jwt


def verifier(issuer, audience):
    """Gives the check of access tokens: `audience` is the client id of the app, or the address of your service."""
    keys = jwt.PyJWKClient(f"{issuer}/jwks")  # kept five minutes; an unknown key is looked for twice a minute
    rules = {"algorithms": ["ES256"], "issuer": issuer, "audience": audience}

    def verify(token):
        if jwt.get_unverified_header(token).get("typ") != "at+jwt":
            raise jwt.InvalidTokenError("not an access token")
        key = keys.get_signing_key_from_jwt(token)
        claims = jwt.decode(token, key, options={"require": ["exp", "sub", "client_id"]}, **rules)
        if "cnf" in claims:  # RFC 9449, section 7.1
            raise jwt.InvalidTokenError("good only with a DPoP proof")
        return claims

    return verify

"""The service of docs/verify in Python, as a program: like service.rs beside it."""

import json
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).parents[3] / "docs" / "verify"))
sys.dont_write_bytecode = True

import jwt
from verify import verifier

issuer, audience, *ages = sys.argv[1:]
verify = verifier(issuer, audience, *map(float, ages))
for line in sys.stdin:
    try:
        claims = verify(line.strip())
        print(json.dumps({name: claims[name] for name in ("sub", "client_id")}), flush=True)
    except jwt.PyJWTError as error:
        print(f"refused: {error}", flush=True)

// npm install jose
import { createRemoteJWKSet, jwtVerify } from 'jose';

/** Gives the check of access tokens: `audience` is the client id of the app, or the address of your service. */
export function verifier(issuer, audience, { fresh = 300, coolDown = 30 } = {}) { // seconds
  const keys = createRemoteJWKSet(new URL(`${issuer}/jwks`), { cacheMaxAge: Infinity, cooldownDuration: Infinity });
  let loading, asked = -Infinity;
  const key = async (header, token) => { // fetched when they are old, and for an unknown name, not more than twice a minute
    const known = keys.jwks()?.keys.some(({ kid }) => kid === header.kid);
    if (performance.now() - asked > 1000 * (known ? fresh : coolDown)) {
      asked = performance.now();
      loading = keys.reload().catch(() => {}); // an outage changes nothing for keys that are known
    }
    await loading;
    return keys(header, token);
  };
  const rules = { issuer, audience, typ: 'at+jwt', algorithms: ['ES256'], requiredClaims: ['exp', 'sub', 'client_id'] };
  return async (token) => {
    const { payload } = await jwtVerify(token, key, rules);
    if (payload.cnf) throw new Error('good only with a DPoP proof'); // RFC 9449, section 7.1
    return payload;
  };
}

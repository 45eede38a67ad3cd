// npm install jose
import { createRemoteJWKSet, jwtVerify } from 'jose';

/** Gives the check of access tokens: `audience` is the client id of the app, or the address of your service. */
export function verifier(issuer, audience) {
  const keys = createRemoteJWKSet(new URL(`${issuer}/jwks`)); // kept ten minutes; an unknown key is looked for twice a minute
  const rules = { issuer, audience, typ: 'at+jwt', algorithms: ['ES256'], requiredClaims: ['exp', 'sub', 'client_id'] };
  return async (token) => {
    const { payload } = await jwtVerify(token, keys, rules);
    if (payload.cnf) throw new Error('good only with a DPoP proof'); // RFC 9449, section 7.1
    return payload;
  };
}

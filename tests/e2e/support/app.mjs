// An app of the house, as its developer writes it with openid-client.
import { once } from 'node:events';
import { createServer } from 'node:http';
import * as oidc from 'openid-client';

/** Finds the broker by its issuer, nothing else. */
export function discover(issuer, id, { secret, auth } = {}) {
  const method = auth ?? (secret ? oidc.ClientSecretBasic(secret) : oidc.None());
  return oidc.discovery(new URL(issuer), id, secret, method, { execute: [oidc.allowInsecureRequests] });
}

/** An app's address on loopback, so that a real browser has somewhere to come back to; `posted` has the forms it got. */
export async function startHome() {
  const posted = [];
  const server = createServer(async (req, res) => {
    if (req.method === 'POST') posted.push(new URLSearchParams((await req.toArray()).join('')));
    res.end('An app.');
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const stop = () => {
    server.closeAllConnections();
    return new Promise((closed) => server.close(closed));
  };
  return { url: `http://127.0.0.1:${server.address().port}/callback`, posted, stop };
}

/** What an app keeps between sending somebody away and their return. */
export async function begin(config, { redirectUri }, extra = {}) {
  const verifier = oidc.randomPKCECodeVerifier();
  const checks = { pkceCodeVerifier: verifier, expectedState: oidc.randomState(), expectedNonce: oidc.randomNonce(), idTokenExpected: true };
  const url = oidc.buildAuthorizationUrl(config, {
    redirect_uri: redirectUri,
    scope: 'openid profile email',
    state: checks.expectedState,
    nonce: checks.expectedNonce,
    code_challenge: await oidc.calculatePKCECodeChallenge(verifier),
    code_challenge_method: 'S256',
    ...extra,
  });
  return { url, checks };
}

/** Signs in with a browser from the app and back, and redeems the code. */
export async function signIn(config, app, browser, extra = {}) {
  const { url, checks } = await begin(config, app, extra);
  const { home, answer, page } = await browser.follow(url, app.redirectUri);
  if (!home) throw new Error(`the sign-in ended on a page: ${answer.status}\n${page}`);
  return { home, checks, tokens: await oidc.authorizationCodeGrant(config, home, checks) };
}

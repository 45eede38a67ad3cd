// A web app. npm install openid-client hono @hono/node-server; then node web.mjs with the environment that it reads
import { serve } from '@hono/node-server';
import { Hono } from 'hono';
import { getCookie, setCookie } from 'hono/cookie';
import { html } from 'hono/html';
import * as oidc from 'openid-client';
const { ISSUER, CLIENT_ID, CLIENT_SECRET, REDIRECT_URI: redirect_uri = 'http://localhost:3000/callback' } = process.env;
const home = new URL('/', redirect_uri).href;
const local = ISSUER.startsWith('http:') ? { execute: [oidc.allowInsecureRequests] } : {}; // your own machine only
const config = await oidc.discovery(new URL(ISSUER), CLIENT_ID, CLIENT_SECRET, undefined, local);
const sessions = new Map(); // by cookie; yours belong where all instances find them, and end one day
const session = (c) => sessions.get(getCookie(c, 'session')) ?? {};
function keep(c, data, id = oidc.randomState()) { // a new name each time: nobody prepares a session for others
  sessions.set(id, data).delete(getCookie(c, 'session'));
  setCookie(c, 'session', id, { httpOnly: true, sameSite: 'Lax', secure: redirect_uri.startsWith('https:') });
}
const app = new Hono().onError(({ error }, c) => c.html(html`${error ?? 'error'} <a href="/login">Again</a>`, 400));
app.get('/', async (c) => {
  const own = session(c);
  if (!own.tokens) return c.html('<a href="/login">Sign in</a>');
  if (own.tokens.expiresIn() < 60) own.tokens = await oidc.refreshTokenGrant(config, own.tokens.refresh_token);
  return c.html(html`<form method="post" action="/logout">${own.tokens.claims().name}<button>Sign out</button></form>`);
});
app.get('/login', async (c) => {
  const [state, verifier] = [oidc.randomState(), oidc.randomPKCECodeVerifier()];
  keep(c, { checks: { expectedState: state, pkceCodeVerifier: verifier, idTokenExpected: true } });
  const proof = { code_challenge: await oidc.calculatePKCECodeChallenge(verifier), code_challenge_method: 'S256' };
  return c.redirect(oidc.buildAuthorizationUrl(config, { redirect_uri, scope: 'openid profile', state, ...proof }));
});
app.get('/callback', async (c) => {
  const [{ checks }, answer] = [session(c), new URL(new URL(c.req.url).search, redirect_uri)];
  if (checks) keep(c, { tokens: await oidc.authorizationCodeGrant(config, answer, checks) });
  return c.redirect('/');
});
app.post('/logout', (c) => {
  const hint = { id_token_hint: session(c).tokens?.id_token ?? '' };
  keep(c, {});
  return c.redirect(oidc.buildEndSessionUrl(config, { ...hint, post_logout_redirect_uri: home }), 303);
});
serve({ fetch: app.fetch, port: new URL(redirect_uri).port || 3000 });

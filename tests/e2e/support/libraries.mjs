// Apps as their developers write them who follow the documentation of a client library, each with a library of its own and
// with its default settings. Each `run` signs somebody in and says what the app then knows: `user`, whether tokens that it
// `fresh`ened are others than the first, and where it sends a person who signs `out`; absent is what the library cannot do.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import * as authjs from '@auth/core';
import { auth as mcp } from '@modelcontextprotocol/sdk/client/auth.js';
import { betterAuth } from 'better-auth';
import { memoryAdapter } from 'better-auth/adapters/memory';
import { toNodeHandler } from 'better-auth/node';
import { genericOAuth } from 'better-auth/plugins';
import express from 'express';
import { auth as expressAuth } from 'express-openid-connect';
import session from 'express-session';
import { getRequestListener } from '@hono/node-server';
import { generators, Issuer } from 'openid-client-5';
import { Passport } from 'passport';
import OpenIdConnectStrategy from 'passport-openidconnect';
import { AuthorizationCode } from 'simple-oauth2';
import { Program } from './process.mjs';

const SCOPE = 'openid profile email';
const KEY = 'what an app of these tests keeps its cookies with';

/** Serves an app at its origin while `use` lasts. */
async function serving({ port }, handler, use) {
  const server = createServer(handler).listen(port, 'localhost');
  await once(server, 'listening');
  try {
    return await use();
  } finally {
    server.closeAllConnections();
    server.close();
  }
}

/** The JSON that the redirects from `url` lead to. */
async function shown(browser, url) {
  const { page, at, answer } = await browser.follow(url);
  assert.match(answer.headers.get('content-type') ?? '', /^application\/json/, `${at}: ${answer.status} ${page}`);
  return JSON.parse(page);
}

/** A form or an object, posted to the app itself as its page does. */
function posted(app, browser, path, body) {
  const type = body instanceof URLSearchParams ? 'application/x-www-form-urlencoded' : 'application/json';
  const text = body instanceof URLSearchParams ? `${body}` : JSON.stringify(body);
  return browser.request(app.origin + path, { method: 'POST', body: text, headers: { 'content-type': type, origin: app.origin } });
}

async function userinfo({ about }, token) {
  return (await fetch(about.userinfo_endpoint, { headers: { authorization: `Bearer ${token}` } })).json();
}

export const LIBRARIES = {
  'openid-client 5': {
    async run({ id, secret, issuer, redirectUri, signedOut }, browser) {
      const { Client } = await Issuer.discover(issuer);
      const client = new Client({ client_id: id, client_secret: secret, redirect_uris: [redirectUri], response_types: ['code'] });
      const checks = { state: generators.state(), nonce: generators.nonce() };
      const { home } = await browser.follow(client.authorizationUrl({ scope: SCOPE, ...checks }), redirectUri);
      const tokens = await client.callback(redirectUri, client.callbackParams(home.href), checks);
      const next = await client.refresh(tokens);
      const out = client.endSessionUrl({ id_token_hint: next.id_token, post_logout_redirect_uri: signedOut });
      return { user: await client.userinfo(next), fresh: next.access_token !== tokens.access_token, out };
    },
  },

  'passport-openidconnect': {
    async run(app, browser) {
      const { id: clientID, secret: clientSecret, issuer, redirectUri: callbackURL, about } = app;
      const endpoints = { authorizationURL: about.authorization_endpoint, tokenURL: about.token_endpoint, userInfoURL: about.userinfo_endpoint };
      const passport = new Passport();
      passport.serializeUser((user, done) => done(null, user));
      passport.deserializeUser((user, done) => done(null, user));
      const options = { issuer, ...endpoints, clientID, clientSecret, callbackURL, scope: ['profile', 'email'] };
      passport.use(new OpenIdConnectStrategy(options, (_issuer, profile, done) => done(null, profile)));
      const web = express();
      web.use(session({ secret: KEY, resave: false, saveUninitialized: false }), passport.initialize(), passport.session());
      web.get('/login', passport.authenticate('openidconnect'));
      web.get('/callback', passport.authenticate('openidconnect', { successRedirect: '/' }));
      web.get('/', (req, res) => res.json(req.user ?? null));
      return serving(app, web, async () => {
        const { displayName: name, emails } = await shown(browser, `${app.origin}/login`);
        return { user: { name, email: emails[0].value } };
      });
    },
  },

  'express-openid-connect': {
    // Its `baseURL`, to the letter.
    signedOut: '',
    async run(app, browser) {
      const web = express();
      const asks = { response_type: 'code', scope: `${SCOPE} offline_access` };
      web.use(expressAuth({ issuerBaseURL: app.issuer, baseURL: app.origin, clientID: app.id, clientSecret: app.secret, secret: KEY, authRequired: false, idpLogout: true, authorizationParams: asks }));
      web.get('/', (req, res) => res.json(req.oidc.isAuthenticated() ? { user: req.oidc.user } : null));
      web.get('/refresh', async (req, res) => {
        const before = req.oidc.accessToken.access_token;
        res.json((await req.oidc.accessToken.refresh()).access_token !== before);
      });
      return serving(app, web, async () => {
        const { user } = await shown(browser, `${app.origin}/login`);
        const fresh = await shown(browser, `${app.origin}/refresh`);
        assert.equal(await shown(browser, `${app.origin}/logout`), null, 'the way out leads through the broker and back');
        return { user, fresh };
      });
    },
  },

  'Auth.js': {
    callback: '/auth/callback/vestibule',
    async run(app, browser) {
      const provider = { id: 'vestibule', name: 'Vestibule', type: 'oidc', issuer: app.issuer, clientId: app.id, clientSecret: app.secret };
      const config = { basePath: '/auth', secret: KEY, trustHost: true, providers: [provider] };
      return serving(app, getRequestListener((request) => authjs.Auth(request, config)), async () => {
        const { csrfToken } = await shown(browser, `${app.origin}/auth/csrf`);
        const form = new URLSearchParams({ csrfToken, callbackUrl: `${app.origin}/auth/session` });
        const answer = await posted(app, browser, '/auth/signin/vestibule', form);
        return shown(browser, answer.headers.get('location'));
      });
    },
  },

  'Better Auth': {
    callback: '/api/auth/callback/vestibule',
    async run(app, browser) {
      const provider = { providerId: 'vestibule', discoveryUrl: `${app.issuer}/.well-known/openid-configuration`, clientId: app.id, clientSecret: app.secret, scopes: SCOPE.split(' ') };
      const database = memoryAdapter({ user: [], session: [], account: [], verification: [] });
      const auth = betterAuth({ baseURL: app.origin, secret: KEY, telemetry: { enabled: false }, database, plugins: [genericOAuth({ config: [provider] })] });
      const api = (path) => `/api/auth${path}`;
      return serving(app, toNodeHandler(auth), async () => {
        const answer = await posted(app, browser, api('/sign-in/social'), { provider: 'vestibule', callbackURL: api('/get-session') });
        const { user } = await shown(browser, (await answer.json()).url);
        const [{ id: accountId }] = await shown(browser, app.origin + api('/list-accounts'));
        const token = async (path) => (await (await posted(app, browser, api(path), { accountId })).json()).accessToken;
        const before = await token('/get-access-token');
        const after = await token('/refresh-token');
        return { user, fresh: Boolean(before && after) && before !== after };
      });
    },
  },

  'simple-oauth2': {
    async run(app, browser) {
      const path = (url) => new URL(url).pathname;
      const { authorization_endpoint: authorize, token_endpoint: token, revocation_endpoint: revoke } = app.about;
      const paths = { authorizePath: path(authorize), tokenPath: path(token), revokePath: path(revoke) };
      const client = new AuthorizationCode({ client: { id: app.id, secret: app.secret }, auth: { tokenHost: app.issuer, ...paths } });
      const asks = { redirect_uri: app.redirectUri, scope: SCOPE };
      const { home } = await browser.follow(client.authorizeURL({ ...asks, state: 'a-state' }), app.redirectUri);
      const first = await client.getToken({ ...asks, code: home.searchParams.get('code') });
      const next = await first.refresh();
      const user = await userinfo(app, next.token.access_token);
      await next.revokeAll();
      await assert.rejects(next.refresh(), ({ data }) => data.payload.error === 'invalid_grant');
      return { user, fresh: next.token.access_token !== first.token.access_token };
    },
  },

  'the SDK of the Model Context Protocol': {
    isPublic: true,
    section: ({ origin }) => ({ application_type: 'native', audiences: [origin] }),
    async run(app, browser) {
      // The service that it wants to call says whom to ask (RFC 9728). It finds everything else by itself.
      const resource = { resource: app.origin, authorization_servers: [app.issuer], scopes_supported: [...SCOPE.split(' '), 'offline_access'] };
      const service = (req, res) => {
        if (!req.url.startsWith('/.well-known/oauth-protected-resource')) return res.writeHead(404).end();
        return res.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(resource));
      };
      const kept = {};
      const provider = {
        redirectUrl: app.redirectUri,
        clientMetadata: { client_name: 'An assistant', redirect_uris: [app.redirectUri] },
        clientInformation: () => ({ client_id: app.id }),
        tokens: () => kept.tokens,
        saveTokens: (tokens) => Object.assign(kept, { tokens }),
        redirectToAuthorization: (url) => Object.assign(kept, { url }),
        saveCodeVerifier: (verifier) => Object.assign(kept, { verifier }),
        codeVerifier: () => kept.verifier,
      };
      return serving(app, service, async () => {
        const where = { serverUrl: app.origin };
        assert.equal(await mcp(provider, where), 'REDIRECT');
        const { home } = await browser.follow(kept.url, app.redirectUri);
        assert.equal(await mcp(provider, { ...where, authorizationCode: home.searchParams.get('code') }), 'AUTHORIZED');
        const before = kept.tokens;
        assert.equal(await mcp(provider, where), 'AUTHORIZED');
        const claims = JSON.parse(Buffer.from(before.id_token.split('.')[1], 'base64url'));
        return { user: claims, fresh: before.access_token !== kept.tokens.access_token };
      });
    },
  },

  Mojolicious: {
    async run(app, browser) {
      const env = { ISSUER: app.issuer, CLIENT_ID: app.id, CLIENT_SECRET: app.secret, HOME_URL: `${app.origin}/`, SECRET_KEY: KEY };
      const program = new Program('perl', [fileURLToPath(new URL('mojolicious.pl', import.meta.url))], { env });
      try {
        await program.ready(async () => (await fetch(app.origin)).ok);
        const { out, ...known } = await shown(browser, app.redirectUri);
        const { home } = await browser.follow(out, app.signedOut);
        assert.equal(home?.href, `${app.signedOut}?state=a-state`);
        return known;
      } finally {
        await program.stop();
      }
    },
  },

  'oidc-agent': {
    async run(app, browser) {
      const home = await mkdtemp(join(tmpdir(), 'vestibule-agent-'));
      await mkdir(join(home, '.config/oidc-agent'), { recursive: true });
      const env = { ...process.env, HOME: home };
      const call = (command, ...args) => {
        const { status, stdout, stderr } = spawnSync(command, args, { env, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'], timeout: 30_000 });
        assert.equal(status, 0, `${command}: ${stdout} ${stderr}`);
        return { stdout, all: stdout + stderr };
      };
      try {
        for (const [, name, value] of call('oidc-agent').stdout.matchAll(/^(OIDC\w+)=([^;]+);/gm)) env[name] = value;
        const quiet = ['--pw-cmd=echo a-password', '--no-url-call', '--no-webserver', '--no-scheme'];
        const who = ['--manual', `--issuer=${app.issuer}`, `--client-id=${app.id}`, `--client-secret=${app.secret}`, `--redirect-uri=${app.redirectUri}`];
        const said = call('oidc-gen', '--flow=code', ...quiet, ...who, `--scope=${SCOPE} offline_access`, 'vestibule').all;
        const { home: back } = await browser.follow(said.match(/^http\S+$/m)[0], app.redirectUri);
        call('oidc-gen', `--codeExchange=${back.href}`, '--pw-cmd=echo a-password');
        const [first, next] = [call('oidc-token', 'vestibule'), call('oidc-token', '--force-new', 'vestibule')];
        return { user: await userinfo(app, next.stdout.trim()), fresh: first.stdout !== next.stdout };
      } finally {
        call('oidc-agent', '--kill');
        await rm(home, { recursive: true, force: true });
      }
    },
  },
};

// Apps that know OpenID Connect and nothing of Vestibule sign people in through a provider that knows nothing of it
// either: openid-client and oauth4webapi below, oidc-provider above, jose as the service that verifies.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { after, before, describe, it } from 'node:test';
import * as jose from 'jose';
import * as oauth from 'oauth4webapi';
import * as oidc from 'openid-client';
import { begin, discover, signIn } from './support/app.mjs';
import { Browser } from './support/browser.mjs';
import { APPS, startStack } from './support/stack.mjs';

const { notes, tasks, spa } = APPS;

for (const store of ['sqlite', 'redis']) {
  describe(`a sign-in on ${store}`, () => {
    let stack, config, keys;
    before(async () => {
      stack = await startStack({ store });
      config = await discover(stack.issuer, 'notes', notes);
      keys = jose.createRemoteJWKSet(new URL(config.serverMetadata().jwks_uri));
    });
    after(async () => {
      const end = await stack?.stop();
      assert.equal(end?.code, 0, stack?.broker.log);
    });

    it('gives an ID token, an access token and the claims that were asked for', async () => {
      const { tokens } = await signIn(config, notes, new Browser());

      const id = await jose.jwtVerify(tokens.id_token, keys, { issuer: stack.issuer, audience: 'notes', algorithms: ['RS256'], maxTokenAge: 60 });
      const half = createHash('sha256').update(tokens.access_token).digest().subarray(0, 16);
      assert.equal(id.payload.at_hash, half.toString('base64url'));
      assert.equal(typeof id.payload.sid, 'string');
      assert.equal(id.payload.name, 'Ada Lovelace');

      const access = await jose.jwtVerify(tokens.access_token, keys, { issuer: stack.issuer, audience: 'notes', typ: 'at+jwt', algorithms: ['ES256'], requiredClaims: ['jti', 'client_id', 'iat', 'exp', 'sub'] });
      assert.equal(access.payload.sub, id.payload.sub);
      assert.equal(access.payload.exp - access.payload.iat, 300);
      assert.equal(access.payload.email, undefined, 'no personal data in an access token');

      const user = await oidc.fetchUserInfo(config, tokens.access_token, tokens.claims().sub);
      assert.deepEqual([user.email, user.email_verified, user.name], ['ada@example.org', true, 'Ada Lovelace']);
      assert.notEqual(user.sub, 'ada', 'the subject of the provider is nobody else’s business');
    });

    it('gives two apps two names for one person, and asks the provider once', async () => {
      const browser = new Browser();
      const other = await discover(stack.issuer, 'tasks', { auth: oidc.ClientSecretPost(tasks.secret) });
      const first = await signIn(config, notes, browser);
      const logins = stack.op.logins;
      const second = await signIn(other, tasks, browser);
      assert.notEqual(first.tokens.claims().sub, second.tokens.claims().sub);
      assert.notEqual(first.tokens.claims().sid, second.tokens.claims().sid);
      assert.equal(stack.op.logins, logins, 'the session of the first sign-in is used');

      const again = await signIn(config, notes, new Browser());
      assert.equal(again.tokens.claims().sub, first.tokens.claims().sub, 'the same person is the same tomorrow');
    });

    it('works for a public app', async () => {
      const { tokens } = await signIn(await discover(stack.issuer, 'spa'), spa, new Browser());
      assert.equal(tokens.claims().aud, 'spa');
    });

    it('works for oauth4webapi, which checks every answer to the letter', async () => {
      const local = { [oauth.allowInsecureRequests]: true };
      const issuer = new URL(stack.issuer);
      const server = await oauth.processDiscoveryResponse(issuer, await oauth.discoveryRequest(issuer, local));
      const client = { client_id: 'notes' };
      const verifier = oauth.generateRandomCodeVerifier();
      const [state, nonce] = [oauth.generateRandomState(), oauth.generateRandomNonce()];
      const url = new URL(server.authorization_endpoint);
      url.search = new URLSearchParams({
        client_id: 'notes',
        redirect_uri: notes.redirectUri,
        response_type: 'code',
        scope: 'openid email',
        state,
        nonce,
        code_challenge: await oauth.calculatePKCECodeChallenge(verifier),
        code_challenge_method: 'S256',
      });
      const browser = new Browser();
      const { home } = await browser.follow(url, notes.redirectUri);
      const params = oauth.validateAuthResponse(server, client, home, state);
      const auth = oauth.ClientSecretBasic(notes.secret);
      const answer = await oauth.authorizationCodeGrantRequest(server, client, auth, params, notes.redirectUri, verifier, local);
      assert.equal(answer.headers.get('cache-control'), 'no-store');
      const tokens = await oauth.processAuthorizationCodeResponse(server, client, answer, { expectedNonce: nonce, requireIdToken: true });
      const { sub } = oauth.getValidatedIdTokenClaims(tokens);
      const user = await oauth.processUserInfoResponse(server, client, sub, await oauth.userInfoRequest(server, client, tokens.access_token, local));
      assert.equal(user.email, 'ada@example.org');
      assert.equal(user.name, undefined, 'nobody asked for the profile');

      const next = await oauth.refreshTokenGrantRequest(server, client, auth, tokens.refresh_token, local);
      const fresh = await oauth.processRefreshTokenResponse(server, client, next);
      assert.equal(oauth.getValidatedIdTokenClaims(fresh).sub, sub);
      const out = new URL(server.end_session_endpoint);
      out.search = new URLSearchParams({ id_token_hint: fresh.id_token, post_logout_redirect_uri: notes.signedOut });
      assert.equal((await browser.follow(out, notes.signedOut)).home?.href, notes.signedOut);
      const late = await oauth.refreshTokenGrantRequest(server, client, auth, fresh.refresh_token, local);
      await assert.rejects(oauth.processRefreshTokenResponse(server, client, late), { error: 'invalid_grant' });
    });

    it('takes a code once, and ends what it gave if it comes again', async () => {
      const { home, checks, tokens } = await signIn(config, notes, new Browser());
      await assert.rejects(oidc.authorizationCodeGrant(config, home, checks), { error: 'invalid_grant' });
      await assert.rejects(oidc.fetchUserInfo(config, tokens.access_token, tokens.claims().sub), { status: 401 });
    });

    it('takes a code only with the verifier and from the app that began', async () => {
      const { url, checks } = await begin(config, notes);
      const { home } = await new Browser().follow(url, notes.redirectUri);
      const other = await discover(stack.issuer, 'tasks', tasks);
      await assert.rejects(oidc.authorizationCodeGrant(other, home, checks), { error: 'invalid_grant' });
      const wrong = { ...checks, pkceCodeVerifier: oidc.randomPKCECodeVerifier() };
      await assert.rejects(oidc.authorizationCodeGrant(config, home, wrong), { error: 'invalid_grant' });
      const tokens = await oidc.authorizationCodeGrant(config, home, checks);
      assert.ok(tokens.access_token, 'neither attempt has burnt the code');
    });

    it('refreshes, hears a lost answer again, and gives back what it needs no longer', async () => {
      const { tokens } = await signIn(config, notes, new Browser());
      const next = await oidc.refreshTokenGrant(config, tokens.refresh_token);
      await jose.jwtVerify(next.id_token, keys, { issuer: stack.issuer, audience: 'notes', algorithms: ['RS256'], maxTokenAge: 60 });
      assert.equal(next.claims().sub, tokens.claims().sub);
      assert.equal(next.claims().auth_time, tokens.claims().auth_time);
      const again = await oidc.refreshTokenGrant(config, tokens.refresh_token);
      assert.equal(again.refresh_token, next.refresh_token);
      assert.equal(again.id_token, next.id_token);

      const known = await oidc.tokenIntrospection(config, next.access_token);
      assert.deepEqual([known.active, known.sub, known.email], [true, next.claims().sub, undefined]);
      await oidc.tokenRevocation(config, next.refresh_token);
      await assert.rejects(oidc.refreshTokenGrant(config, next.refresh_token), { error: 'invalid_grant' });
      await assert.rejects(oidc.fetchUserInfo(config, next.access_token, next.claims().sub), { status: 401 });
      assert.equal((await oidc.tokenIntrospection(config, next.access_token)).active, false);
    });

    it('signs out, and then does not sign in silently', async () => {
      const browser = new Browser();
      const { tokens } = await signIn(config, notes, browser);
      const silent = await signIn(config, notes, browser, { prompt: 'none' });
      assert.equal(silent.tokens.claims().sub, tokens.claims().sub);

      const out = oidc.buildEndSessionUrl(config, { id_token_hint: tokens.id_token, post_logout_redirect_uri: notes.signedOut, state: 'so long' });
      const { home } = await browser.follow(out, notes.signedOut);
      assert.equal(home?.searchParams.get('state'), 'so long');

      const { url, checks } = await begin(config, notes, { prompt: 'none' });
      const back = await browser.follow(url, notes.redirectUri);
      await assert.rejects(oidc.authorizationCodeGrant(config, back.home, checks), { error: 'login_required' });
    });

    it('shows a page, and sends nobody anywhere, for a redirect URI that is not registered', async () => {
      for (const redirectUri of ['https://evil.example.com/callback', `${notes.redirectUri}/`, `${notes.redirectUri}?a=b`]) {
        const { url } = await begin(config, { redirectUri });
        const answer = await new Browser().request(url);
        assert.equal(answer.status, 400);
        assert.equal(answer.headers.get('location'), null);
        assert.match(answer.headers.get('content-type'), /^text\/html/);
      }
    });

    it('says so where the person said no at the provider, and works again after that', async () => {
      const browser = new Browser();
      const { url } = await begin(config, notes);
      stack.op.person = 'refuse';
      const { answer, page } = await browser.follow(url, notes.redirectUri).finally(() => (stack.op.person = 'ada'));
      assert.equal(answer.status, 403);
      assert.match(page, /<main/);
      const { tokens } = await signIn(config, notes, browser);
      assert.equal(tokens.claims().aud, 'notes');
    });

    it('leaves no name, address or secret in what it logged', async () => {
      const { tokens } = await signIn(config, notes, new Browser());
      const { log } = stack.broker;
      assert.ok(log.length > 0, 'it logs');
      for (const trace of ['Ada', 'Lovelace', 'ada@example.org', notes.secret, tokens.access_token, tokens.id_token]) {
        assert.ok(!log.includes(trace), `the log has ${trace}`);
      }
    });
  });
}

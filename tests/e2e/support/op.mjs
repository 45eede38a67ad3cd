// A real OpenID Provider that nobody here wrote (npm `oidc-provider`), as the broker's upstream.
import { once } from 'node:events';
import { createServer } from 'node:http';
import { exportJWK, generateKeyPair } from 'jose';
import Provider, { interactionPolicy } from 'oidc-provider';

/** Who has an account there; the name is the subject. */
export const PEOPLE = {
  ada: { name: 'Ada Lovelace', given_name: 'Ada', family_name: 'Lovelace', email: 'ada@example.org', email_verified: true },
  grace: { name: 'Grace Hopper', given_name: 'Grace', family_name: 'Hopper', email: 'grace@example.com', email_verified: false },
};

export const CLIENT = { id: 'vestibule', secret: 'a-secret-that-the-broker-has-at-this-provider' };

/** A section of [providers] for one that runs on this machine. */
export const sectionFor = (issuer, name = 'Home') => ({ kind: 'oidc', name, issuer, allow_loopback: true, client_id: CLIENT.id, client_secret: CLIENT.secret });

/**
 * Starts it. `person` signs in without being asked; set it to `null` and the provider shows a page with everybody to
 * choose from, or to `'refuse'` and the answer is no.
 */
export async function startProvider({ redirectUri, person = 'ada' }) {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const issuer = `http://127.0.0.1:${server.address().port}`;
  const provider = new Provider(issuer, await settings(redirectUri));
  const op = { issuer, person, logins: 0, errors: [] };
  provider.on('server_error', (_ctx, error) => op.errors.push(error));

  const answer = provider.callback();
  server.on('request', (req, res) => {
    if (!req.url.startsWith('/interaction/')) return answer(req, res);
    interact(provider, op, req, res).catch((error) => res.writeHead(500).end(String(error)));
  });
  op.stop = () => {
    server.closeAllConnections();
    return new Promise((closed) => server.close(closed));
  };
  return op;
}

async function settings(redirectUri) {
  const policy = interactionPolicy.base();
  policy.add(new interactionPolicy.Prompt({ name: 'select_account', requestable: true }), 0);
  const { privateKey } = await generateKeyPair('RS256', { extractable: true });
  const key = { ...(await exportJWK(privateKey)), use: 'sig', alg: 'RS256', kid: 'op-1' };
  return {
    clients: [{ client_id: CLIENT.id, client_secret: CLIENT.secret, redirect_uris: [redirectUri] }],
    jwks: { keys: [key] },
    cookies: { keys: ['only for tests'] },
    claims: { openid: ['sub'], email: ['email', 'email_verified'], profile: ['name', 'given_name', 'family_name'] },
    features: { devInteractions: { enabled: false } },
    interactions: { policy, url: (_ctx, interaction) => `/interaction/${interaction.uid}` },
    pkce: { required: () => true },
    ttl: { Session: 3600, Interaction: 600, Grant: 3600, AccessToken: 300, AuthorizationCode: 60, IdToken: 300 },
    findAccount: (_ctx, id) => PEOPLE[id] && { accountId: id, claims: () => ({ sub: id, ...PEOPLE[id] }) },
    // Nobody is asked here what the broker may know: that is not what these tests are about.
    async loadExistingGrant({ oidc }) {
      const grant = new oidc.provider.Grant({ clientId: oidc.client.clientId, accountId: oidc.session.accountId });
      grant.addOIDCScope('openid email profile');
      await grant.save();
      return grant;
    },
  };
}

async function interact(provider, op, req, res) {
  const chosen = req.method === 'POST' ? new URLSearchParams(await body(req)).get('person') : op.person;
  if (chosen === 'refuse') {
    const no = { error: 'access_denied', error_description: 'The person said no' };
    return provider.interactionFinished(req, res, no);
  }
  if (chosen) {
    op.logins += 1;
    return provider.interactionFinished(req, res, { login: { accountId: chosen }, select_account: {} });
  }
  const buttons = [...Object.keys(PEOPLE), 'refuse'].map((name) => `<button name="person" value="${name}">${name}</button>`);
  res.writeHead(200, { 'content-type': 'text/html; charset=utf-8' });
  return res.end(`<!doctype html><title>Home</title><link rel="icon" href="data:,"><form method="post">${buttons.join('')}</form>`);
}

async function body(req) {
  let text = '';
  for await (const chunk of req) text += chunk;
  return text;
}

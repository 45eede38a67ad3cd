// Apps that are only a page, each with a library of its own, served as it stands in its package: browsers read modules.
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { fileURLToPath } from 'node:url';

const INSTALLED = fileURLToPath(new URL('../node_modules/', import.meta.url));

/** The script of each page. It shows who is signed in, and offers `app` to the test as buttons are to a person. */
export const PAGES = {
  '@axa-fr/oidc-client': {
    script: ({ id, issuer }) => `
      import { OidcClient } from '/@axa-fr/oidc-client/dist/index.js';
      const client = OidcClient.getOrCreate(() => fetch)({
        client_id: '${id}', redirect_uri: location.origin + '/callback', scope: 'openid profile email offline_access', authority: '${issuer}',
      });
      await client.tryKeepExistingSessionAsync();
      if (location.pathname === '/callback') await client.loginCallbackAsync();
      window.app = {
        login: () => void client.loginAsync('/'),
        logout: () => void client.logoutAsync('/'),
        refresh: async () => {
          const before = client.tokens.accessToken;
          await client.renewTokensAsync();
          return client.tokens.accessToken !== before;
        },
      };
      show(client.tokens && await client.userInfoAsync());`,
  },

  'oidc-spa': {
    callback: '/',
    script: ({ id, issuer }) => `
      import { oidcEarlyInit } from '/oidc-spa/esm/entrypoint.mjs';
      import { createOidc } from '/oidc-spa/esm/core/index.mjs';
      oidcEarlyInit({ BASE_URL: '/' });
      const client = await createOidc({ issuerUri: '${issuer}', clientId: '${id}', BASE_URL: '/', scopes: ['profile', 'email'] });
      window.app = {
        login: () => void client.login({ doesCurrentHrefRequiresAuth: false }),
        logout: () => void client.logout({ redirectTo: 'home' }),
        refresh: async () => {
          const { accessToken } = await client.getTokens();
          await client.renewTokens();
          return (await client.getTokens()).accessToken !== accessToken;
        },
      };
      show(client.isUserLoggedIn && client.getDecodedIdToken());`,
  },
};

const page = (script) => `<!doctype html><title>An app</title><link rel="icon" href="data:,"><body><script type="module">
  const show = (user) => document.body.append(user ? user.name + ' ' + user.email : 'Nobody');${script}</script>`;

/** Serves it, and gives back how to stop. */
export async function servePage(app, { script }) {
  const server = createServer(async (req, res) => {
    const { pathname } = new URL(req.url, app.origin);
    if (!/\.m?js$/.test(pathname)) return res.writeHead(200, { 'content-type': 'text/html' }).end(page(script(app)));
    const library = await readFile(INSTALLED + pathname).catch(() => undefined);
    return res.writeHead(library ? 200 : 404, { 'content-type': 'text/javascript' }).end(library);
  });
  await once(server.listen(app.port, '127.0.0.1'), 'listening');
  return () => {
    server.closeAllConnections();
    return new Promise((closed) => server.close(closed));
  };
}

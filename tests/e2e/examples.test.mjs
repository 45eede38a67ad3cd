// The examples of docs/apps, which are client libraries with their default settings: each signs in, refreshes, and signs out.
import assert from 'node:assert/strict';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { sha256 } from './support/broker.mjs';
import { Browser } from './support/browser.mjs';
import { DOCS, NATIVE, startFlask, startGo, startNode, startPage, startRuby } from './support/examples.mjs';
import { freePort, until } from './support/process.mjs';
import { startStack } from './support/stack.mjs';
import { launch, Window } from './support/window.mjs';

const SECRET = 'web-has-this-long-secret-of-its-own-0001';
const name = { need: 'required', why: 'To greet you.' };

it('docs/apps/README.md names every example, and says truly how long they are', async () => {
  const page = await readFile(join(DOCS, 'apps/README.md'), 'utf8');
  const files = (await readdir(join(DOCS, 'apps'))).filter((file) => file !== 'README.md');
  for (const file of files) {
    assert.ok(page.includes(`| [${file}](${file}) |`), file);
    const lines = (await readFile(join(DOCS, 'apps', file), 'utf8')).trimEnd().split('\n').length;
    assert.ok(lines <= 40 || file.endsWith('.go'), `${file} has ${lines} lines`);
  }
});

describe('the examples', () => {
  let stack, ports, chromium;
  before(async () => {
    ports = { node: await freePort(), flask: await freePort(), go: await freePort(), ruby: await freePort(), notes: await freePort() };
    const web = (port, host = 'localhost') => ({ consent: 'implicit', claims: { name }, post_logout_redirect_uris: [`http://${host}:${port}/`] });
    const server = (port) => ({ ...web(port), redirect_uris: [`http://localhost:${port}/callback`], secret_sha256: sha256(SECRET) });
    stack = await startStack({
      // So short that a library refreshes at every turn: it does so a minute before the end.
      lifetimes: { access_token: '30s' },
      apps: {
        node: { name: 'Node', ...server(ports.node) },
        flask: { name: 'Flask', ...server(ports.flask) },
        go: { name: 'Go', ...server(ports.go) },
        ruby: { name: 'Ruby', ...server(ports.ruby) },
        notes: { name: 'Notes', ...web(ports.notes, '127.0.0.1'), redirect_uris: [`http://127.0.0.1:${ports.notes}/`] },
        desk: { name: 'Desk', consent: 'implicit', claims: { name }, application_type: 'native', redirect_uris: ['http://127.0.0.1/callback'] },
      },
    });
    chromium = await launch();
  });
  after(async () => {
    await chromium?.close();
    const end = await stack?.stop();
    assert.equal(end?.code, 0, stack?.broker.log);
  });

  const environment = (app) => ({ ISSUER: stack.issuer, CLIENT_ID: app, CLIENT_SECRET: SECRET });

  /** How often an app has refreshed. */
  async function refreshes(app) {
    const text = await (await fetch(`http://127.0.0.1:${stack.broker.management}/metrics`)).text();
    const line = text.split('\n').find((one) => one.startsWith(`vestibule_tokens_total{app="${app}",grant_type="refresh_token"}`));
    return Number(line?.split(' ').at(-1) ?? 0);
  }

  for (const [id, start] of Object.entries({ node: startNode, flask: startFlask, go: startGo, ruby: startRuby })) {
    it(`on a server (${id}) signs in, refreshes, and signs out`, async () => {
      const app = await start(ports[id], environment(id));
      const window = await Window.open(chromium);
      try {
        const { page } = window;
        await page.goto(app.home);
        const signIn = page.getByText('Sign in', { exact: true });
        await signIn.click();
        await page.getByText('Ada Lovelace').waitFor();
        const before = await refreshes(id);
        await page.reload();
        await page.reload();
        await page.getByText('Ada Lovelace').waitFor();
        assert.ok((await refreshes(id)) >= before + 2, app.program.stderr);

        await page.getByRole('button', { name: 'Sign out' }).click();
        await signIn.waitFor();
        assert.equal(new URL(page.url()).origin, new URL(app.home).origin);
        // Nobody is signed in at the broker either: who signs in again is taken to the provider.
        const asked = page.waitForRequest((request) => request.url().startsWith(stack.op.issuer));
        await signIn.click();
        await asked;
        await page.getByText('Ada Lovelace').waitFor();
        window.expect(404); // neither has an icon
        await window.close();
      } finally {
        await app.stop();
      }
    });
  }

  it('in a page signs in, refreshes by itself, and signs out', async () => {
    const app = await startPage(ports.notes, stack.issuer);
    const window = await Window.open(chromium);
    try {
      const { page } = window;
      await page.goto(app.home);
      await page.getByRole('button', { name: 'Sign in' }).click();
      await page.getByText('Hello, Ada Lovelace.').waitFor();
      assert.equal(page.url(), app.home, 'no code stays in the address');
      await until(async () => (await refreshes('notes')) >= 2, { what: 'the page refreshes' });
      await page.getByText('Hello, Ada Lovelace.').waitFor();

      await page.getByRole('button', { name: 'Sign out' }).click();
      await page.getByText('Nobody is signed in.').waitFor();
      assert.equal(await page.evaluate(() => Object.keys(sessionStorage).filter((key) => key.startsWith('oidc.user')).length), 0);
      await window.close();
    } finally {
      await app.stop();
    }
  });

  for (const [language, start] of Object.entries(NATIVE)) {
    it(`on a machine (${language}) signs in by its browser, refreshes, and signs out`, async () => {
      const before = await refreshes('desk');
      const app = start(environment('desk'));
      await app.ready(() => app.stdout.includes('\n'));
      const { answer, page } = await new Browser().follow(app.stdout.trim());
      assert.equal(answer.status, 200, page);
      assert.equal((await app.ended).code, 0, app.stderr);
      assert.match(app.stdout, /Hello, Ada Lovelace\nStill (Ada Lovelace|signed in)\n$/);
      assert.ok((await refreshes('desk')) > before);
      assert.ok(!app.stderr.includes('code='), 'the code is in no log');
    });
  }
});

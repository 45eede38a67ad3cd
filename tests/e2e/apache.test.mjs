// mod_auth_openidc, with what its documentation recommends and nothing else: signs in, refreshes, and signs out.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { startApache } from './support/apache.mjs';
import { sha256 } from './support/broker.mjs';
import { startEcho } from './support/echo.mjs';
import { freePort } from './support/process.mjs';
import { startStack } from './support/stack.mjs';
import { launch, Window } from './support/window.mjs';

const SECRET = 'wiki-has-this-long-secret-of-its-own-001';

describe('Apache with mod_auth_openidc', () => {
  let stack, echo, apache, chromium;
  before(async () => {
    const port = await freePort();
    echo = await startEcho();
    stack = await startStack({
      // So short that the module refreshes at every turn: it does so a minute before the end.
      lifetimes: { access_token: '30s' },
      apps: {
        wiki: {
          name: 'Wiki',
          consent: 'implicit',
          redirect_uris: [`http://localhost:${port}/callback`],
          post_logout_redirect_uris: [`http://localhost:${port}/bye`],
          secret_sha256: sha256(SECRET),
          claims: { name: { need: 'required', why: 'To show who wrote a page.' } },
        },
      },
    });
    apache = await startApache({ port, issuer: stack.issuer, secret: SECRET, app: echo.port });
    chromium = await launch();
  });
  after(async () => {
    await chromium?.close();
    await apache?.stop();
    await echo?.stop();
    const end = await stack?.stop();
    assert.equal(end?.code, 0, stack?.broker.log);
  });

  async function refreshes() {
    const text = await (await fetch(`http://127.0.0.1:${stack.broker.management}/metrics`)).text();
    const line = text.split('\n').find((one) => one.startsWith('vestibule_tokens_total{app="wiki",grant_type="refresh_token"}'));
    return Number(line?.split(' ').at(-1) ?? 0);
  }

  /** What of a header reached the app. */
  async function told(page, header) {
    const { headers } = JSON.parse(await page.locator('#told').textContent());
    return headers.filter((_, at) => at % 2 === 1 && headers[at - 1].toLowerCase() === header);
  }

  it('signs in, refreshes, and signs out', async () => {
    const window = await Window.open(chromium, { extraHTTPHeaders: { 'OIDC_CLAIM_name': 'Mallory' } });
    const { page } = window;
    await page.goto(`${apache.home}pages/1?of=2`);
    assert.equal(page.url(), `${apache.home}pages/1?of=2`, await apache.log());
    assert.deepEqual(await told(page, 'oidc_claim_name'), ['Ada Lovelace']);
    const [sub] = await told(page, 'oidc_claim_sub');
    assert.ok(sub);

    const before = await refreshes();
    await page.reload();
    await page.reload();
    assert.ok((await refreshes()) >= before + 2, await apache.log());
    assert.deepEqual(await told(page, 'oidc_claim_sub'), [sub]);

    const bye = `${apache.home}bye`;
    await page.goto(`${apache.home}callback?logout=${encodeURIComponent(bye)}`);
    assert.equal(page.url().split('?')[0], bye, await apache.log());
    // Nobody is signed in at the broker either: who comes again is taken to the provider.
    const asked = page.waitForRequest((request) => request.url().startsWith(stack.op.issuer));
    await page.goto(apache.home);
    await asked;
    assert.deepEqual(await told(page, 'oidc_claim_sub'), [sub]);
    window.expect(401); // the icon of the page after, which is not for everybody
    await window.close();
  });

  it('signs in again who signed out at the broker', async () => {
    const window = await Window.open(chromium);
    const { page } = window;
    await page.goto(apache.home);
    assert.equal((await told(page, 'oidc_claim_sub')).length, 1);
    const accounts = await window.context.newPage();
    await accounts.goto(`${stack.issuer}/account`);
    await accounts.getByRole('button', { name: 'Sign out everywhere, here too' }).click();
    await accounts.getByRole('button', { name: 'Sign out everywhere, here too' }).waitFor({ state: 'detached' });
    await page.goto(apache.home);
    await page.getByText('Logged Out').first().waitFor();
    const asked = page.waitForRequest((request) => request.url().startsWith(stack.op.issuer));
    await page.goto(apache.home);
    await asked;
    assert.equal((await told(page, 'oidc_claim_sub')).length, 1);
    window.expect(401); // the icon of the module's page
    await window.close();
  });
});

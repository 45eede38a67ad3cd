// Client libraries that nobody here wrote, unchanged and with their default settings, as many kinds as there are: each
// signs in, reads the claims, refreshes where it can, and signs out. Those of Python are in test_libraries.py.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { Browser } from './support/browser.mjs';
import { LIBRARIES } from './support/libraries.mjs';
import { PAGES, servePage } from './support/pages.mjs';
import { freePort } from './support/process.mjs';
import { appSection, startStack } from './support/stack.mjs';
import { launch, Window } from './support/window.mjs';

const SECRET = 'a-library-has-this-long-secret-of-its-own';

describe('client libraries', () => {
  let stack, about;
  const apps = {};
  before(async () => {
    const sections = {};
    for (const [name, { callback = '/callback', signedOut = '/', isPublic = name in PAGES, section }] of Object.entries({ ...LIBRARIES, ...PAGES })) {
      const [id, port] = [name.replaceAll(/\W+/g, '_').replace(/^_/, ''), await freePort()];
      const origin = `http://${name in PAGES ? '127.0.0.1' : 'localhost'}:${port}`;
      const app = { id, port, origin, redirectUri: origin + callback, signedOut: origin + signedOut };
      apps[name] = { ...app, secret: isPublic ? undefined : SECRET };
      sections[id] = { ...appSection(id, apps[name]), ...section?.(app) };
    }
    stack = await startStack({ apps: sections });
    about = await (await fetch(`${stack.issuer}/.well-known/openid-configuration`)).json();
    for (const app of Object.values(apps)) Object.assign(app, { issuer: stack.issuer, about });
  });
  after(async () => {
    const end = await stack?.stop();
    assert.equal(end?.code, 0, stack?.broker.log);
  });

  for (const [name, { run }] of Object.entries(LIBRARIES)) {
    it(name, async () => {
      const [app, browser] = [apps[name], new Browser()];
      const { user, fresh = true, out } = await run(app, browser);
      assert.deepEqual([user.name, user.email], ['Ada Lovelace', 'ada@example.org']);
      assert.equal(fresh, true, 'the refreshed token is another');
      if (out) assert.equal((await browser.follow(out, app.signedOut)).home?.href, app.signedOut);
    });
  }

  describe('in a page', () => {
    let chromium;
    before(async () => (chromium = await launch()));
    after(() => chromium?.close());

    for (const name of Object.keys(PAGES)) {
      it(name, async () => {
        const app = apps[name];
        const stop = await servePage(app, PAGES[name]);
        const window = await Window.open(chromium);
        try {
          const { page } = window;
          const text = () => page.locator('body').textContent();
          await page.goto(app.signedOut);
          await page.getByText('Nobody').waitFor();
          await page.evaluate(() => window.app.login());
          await page.getByText('Ada Lovelace').waitFor();
          assert.match(await text(), /ada@example\.org/);
          assert.equal(await page.evaluate(() => window.app.refresh()), true);
          await page.evaluate(() => window.app.logout());
          await page.getByText('Nobody').waitFor();
          assert.equal(new URL(page.url()).origin, app.origin);
          assert.deepEqual(window.complaints, []);
        } finally {
          await window.close();
          await stop();
        }
      });
    }
  });
});

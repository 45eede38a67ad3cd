// A person on their own behalf, in a browser: signing in for their page, adding a way to sign in, leaving for good.
import assert from 'node:assert/strict';
import { after, afterEach, before, beforeEach, describe, it } from 'node:test';
import { BINARY } from './support/broker.mjs';
import { Program } from './support/process.mjs';
import { launch, Window } from './support/window.mjs';

describe('on their own behalf', () => {
  let places, demo, browser;
  before(async () => (browser = await launch()));
  after(() => browser?.close());
  beforeEach(async () => {
    demo = new Program(BINARY, ['demo']);
    await demo.ready(() => demo.stdout.includes('Ctrl-C'), 60);
    places = Object.fromEntries([...demo.stdout.matchAll(/^\s*(\w+)\s+(http:\/\/\S+)/gm)].map(([, name, url]) => [name.toLowerCase(), url]));
  });
  afterEach(async () => {
    const end = await demo?.stop('SIGINT');
    assert.equal(end?.code, 0, demo?.stderr);
  });

  const press = ({ page }, name) => page.getByRole('button', { name }).click();
  const onPage = ({ page }) => page.waitForURL((at) => at.pathname === '/account');

  /** From the address of the page, through a provider, to the page. */
  async function signIn(window, picture = () => {}) {
    await window.page.goto(`${places.broker}/account`);
    await window.page.waitForURL((at) => at.pathname === '/login');
    await picture('sign-in');
    await press(window, 'Continue with Google');
    await press(window, 'Ada Lovelace');
    await onPage(window);
  }

  for (const [locale, javaScriptEnabled] of [['en-GB', true], ['de', true], ['fr', true], ['es', true], ['en-GB', false]]) {
    const how = `${locale}, ${javaScriptEnabled ? 'with' : 'without'} scripts`;
    it(`sign in, add a way, leave, and follow it (${how})`, async () => {
      const window = await Window.open(browser, { locale, javaScriptEnabled });
      const { page } = window;
      const picture = (name) => window.picture(`${name}-${locale}${javaScriptEnabled ? '' : '-plain'}`);
      await page.context().addCookies([{ name: 'vst_lang', value: 'en', url: places.broker }]);
      await signIn(window);
      await page.context().clearCookies({ name: 'vst_lang' });

      await page.goto(`${places.broker}/account`);
      await page.locator('button[formaction="/account/link/facebook"]').click();
      await press(window, 'Ada Lovelace');
      await page.waitForURL((at) => at.pathname === '/account/link');
      assert.match(await page.locator('main').innerText(), /ada@example\.com/);
      await picture('link');
      await page.locator('main form button[value=yes]').click();
      await onPage(window);
      assert.equal(await page.locator('button[formaction^="/account/ways/"]').count(), 2, 'either can be removed now');

      await page.goto(`${places.broker}/account/delete`);
      await picture('delete');
      await page.locator('main form button[value=yes]').click();
      await press(window, 'Ada Lovelace');
      await page.waitForURL((at) => at.pathname.startsWith('/status/'));
      await picture('status');
      const status = page.url();

      await page.goto(`${places.broker}/account`);
      await page.waitForURL((at) => at.pathname === '/login');
      await picture('sign-in');
      const anybody = await browser.newContext();
      assert.equal((await anybody.request.get(status)).status(), 200, 'the address alone opens it');
      await anybody.close();
      await window.close();
    });
  }
});

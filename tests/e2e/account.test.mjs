// The person decides, in a browser: asked at the first login, and again on their own page at any time after it.
import assert from 'node:assert/strict';
import { after, afterEach, before, beforeEach, describe, it } from 'node:test';
import * as oidc from 'openid-client';
import { begin, discover, startHome } from './support/app.mjs';
import { reserveBroker, startBroker } from './support/broker.mjs';
import { sectionFor, startProvider } from './support/op.mjs';
import { freePort } from './support/process.mjs';
import { APPS, askingSection, OPERATOR } from './support/stack.mjs';
import { launch, Window } from './support/window.mjs';


describe('the person decides', () => {
  let browser, broker, op, home, config, app;
  before(async () => (browser = await launch()));
  after(() => browser?.close());
  beforeEach(async () => {
    const place = await reserveBroker();
    op = await startProvider({ redirectUri: place.callback('home') });
    home = await startHome();
    app = { ...APPS.notes, redirectUri: home.url };
    broker = await startBroker({
      place,
      providers: {
        home: sectionFor(op.issuer),
        work: sectionFor(`http://127.0.0.1:${await freePort()}`, 'Work'),
      },
      apps: {
        notes: askingSection(app, { given_name: { need: 'optional', why: 'To call you by it.' } }),
        wiki: { name: 'Wiki', redirect_uris: ['https://wiki.example.com/cb'], claims: { name: { need: 'required', why: 'To show who wrote a page.' } } },
      },
      operator: OPERATOR,
    });
    config = await discover(place.issuer, 'notes', app);
  });
  afterEach(async () => {
    await broker?.stop();
    await Promise.all([op?.stop(), home?.stop()]);
  });

  /** From the app to the question, or back to the app where there is none. */
  async function leave({ page }) {
    const { url, checks } = await begin(config, app);
    await page.goto(`${url}`);
    const choose = page.getByRole('button', { name: 'Continue with Home' });
    if (await choose.isVisible()) await choose.click();
    await page.waitForURL((at) => at.pathname === '/consent' || at.href.startsWith(home.url));
    return checks;
  }

  /** What the app makes of where the person came back to. */
  async function redeem({ page }, checks) {
    await page.waitForURL(`${home.url}**`);
    return oidc.authorizationCodeGrant(config, new URL(page.url()), checks);
  }

  const userInfo = (tokens) => oidc.fetchUserInfo(config, tokens.access_token, tokens.claims().sub);
  const card = ({ page }) => page.locator('#apps details', { hasText: 'Notes' });

  async function openPage({ page }) {
    await page.goto(`${broker.issuer}/account`);
    await page.getByRole('heading', { level: 1, name: 'You and your data' }).waitFor();
  }

  /** Turns a claim of the app on or off there, and reads what the page says. */
  async function turn(window, name, on) {
    await openPage(window);
    const { page } = window;
    await card(window).locator('summary').click();
    const box = card(window).getByRole('checkbox', { name });
    assert.equal(await box.isChecked(), !on);
    // The whole row is the label, for a thumb.
    await card(window).locator('li.row', { hasText: name }).locator('label').click();
    assert.equal(await box.isChecked(), on);
    await card(window).getByRole('button', { name: 'Save' }).click();
    await page.getByRole('status').filter({ hasText: 'Saved. Notes gets what you chose' }).waitFor();
    assert.equal(new URL(page.url()).hash, '#apps');
    assert.equal(await card(window).getByRole('checkbox', { name }).isChecked(), on, 'the card is open, and shows it');
  }

  for (const javaScriptEnabled of [true, false]) {
    it(`at the first login and at any time after it (${javaScriptEnabled ? 'with' : 'without'} scripts)`, async () => {
      const window = await Window.open(browser, { javaScriptEnabled });
      const { page } = window;
      const first = await leave(window);
      const main = await page.locator('main').textContent();
      for (const part of ['ada@example.org', 'Ada Lovelace', 'To greet you.', 'until you disconnect Notes']) assert.ok(main.includes(part), part);
      for (const box of await page.getByRole('checkbox').all()) assert.equal(await box.isChecked(), false, 'what is optional is off');
      await page.getByRole('button', { name: 'Continue' }).click();
      let tokens = await redeem(window, first);
      assert.equal(tokens.claims().email, 'ada@example.org');
      assert.equal(tokens.claims().name, undefined);

      await turn(window, 'Your full name', true);
      assert.equal((await userInfo(tokens)).name, 'Ada Lovelace');
      tokens = await oidc.refreshTokenGrant(config, tokens.refresh_token);
      assert.equal(tokens.claims().name, 'Ada Lovelace');

      await turn(window, 'Your full name', false);
      assert.equal((await userInfo(tokens)).name, undefined, 'gone from UserInfo at once');
      tokens = await oidc.refreshTokenGrant(config, tokens.refresh_token);
      assert.equal(tokens.claims().name, undefined, 'gone from the next refresh');

      // No new words, no question. New words for one claim: a question about that claim alone.
      await redeem(window, await leave(window));
      await broker.reload((text) => text.replace('To greet you.', 'To print your name on a mug.'));
      const again = await leave(window);
      assert.deepEqual(await page.getByRole('checkbox').evaluateAll((boxes) => boxes.map((box) => box.name)), ['name']);
      assert.match(await page.locator('main').textContent(), /To print your name on a mug\./);
      await page.locator('main li.row label').click();
      await page.getByRole('button', { name: 'Continue' }).click();
      assert.equal((await redeem(window, again)).claims().name, 'Ada Lovelace');
      await window.close();
    });
  }

  it('pauses, resumes and disconnects an app, and signs browsers out', async () => {
    const [window, other] = [await Window.open(browser, { javaScriptEnabled: false }), await Window.open(browser)];
    const { page } = window;
    const agree = async (window) => {
      const checks = await leave(window);
      if (new URL(window.page.url()).pathname === '/consent') await window.page.getByRole('button', { name: 'Continue' }).click();
      return redeem(window, checks);
    };
    const tokens = await agree(window);
    await agree(other);
    const press = async (name, said) => {
      await openPage(window);
      const details = card(window);
      if (!(await details.evaluate((it) => it.open))) await details.locator('summary').click();
      await details.getByRole('button', { name }).click();
      await page.getByRole('status').filter({ hasText: said }).waitFor();
    };
    await press('Pause', 'Notes is paused');
    await assert.rejects(userInfo(tokens));
    await press('Resume', 'Notes goes on');
    await userInfo(tokens);
    await press('Disconnect', 'Notes is disconnected');
    await assert.rejects(userInfo(tokens));
    await assert.rejects(oidc.refreshTokenGrant(config, tokens.refresh_token));

    const section = page.locator('#browsers');
    assert.equal(await section.locator('li.row').count(), 2);
    assert.match(await section.locator('li.row').first().textContent(), /Chrome, Linux.*this browser/s);
    await section.getByRole('button', { name: 'Sign out all others' }).click();
    await page.getByRole('status').filter({ hasText: 'All other browsers are signed out' }).waitFor();
    assert.equal(await section.locator('li.row').count(), 1);
    await section.getByRole('button', { name: 'Sign out everywhere' }).click();
    await page.getByRole('heading', { level: 1, name: 'You are signed out' }).waitFor();
    await other.page.goto(`${broker.issuer}/account`);
    assert.notEqual(new URL(other.page.url()).pathname, '/account', 'the other browser is asked to sign in');
    await Promise.all([window.close(), other.close()]);
  });

  for (const locale of ['en-GB', 'de']) {
    it(`looks right in ${locale}`, async () => {
      const window = await Window.open(browser, { locale });
      const { page } = window;
      const { url } = await begin(config, app);
      await page.goto(`${url}`);
      await page.locator('button[formaction="/login/home"]').click();
      await page.locator('main button[name=answer][value=yes]').click();
      await page.waitForURL(`${home.url}**`);
      await page.goto(`${broker.issuer}/account`);
      await page.locator('#apps details summary').click();
      await window.picture(`account-${locale}`);
      await page.locator('#apps details button.main').click();
      await page.getByRole('status').waitFor();
      await window.picture(`account-said-${locale}`);
      await page.goto(`${broker.issuer}/account/history`);
      await window.picture(`account-history-${locale}`);
      await page.goto(`${broker.issuer}/account`);
      await page.locator('#preview select').selectOption('wiki');
      await page.locator('#preview button').click();
      await page.waitForURL('**/account/preview?app=wiki');
      assert.match(await page.locator('main').textContent(), /Ada Lovelace/);
      await window.picture(`account-preview-${locale}`);
      await window.close();
    });
  }
});

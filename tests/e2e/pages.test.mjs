// Every page that people can get to, by getting there: its status, its headline, its way on, and a picture of it.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { begin, discover, startHome } from './support/app.mjs';
import { reserveBroker, startBroker } from './support/broker.mjs';
import { sectionFor, startProvider } from './support/op.mjs';
import { freePort } from './support/process.mjs';
import { startRedis } from './support/redis.mjs';
import { APPS, appSection, OPERATOR } from './support/stack.mjs';
import { launch, Window } from './support/window.mjs';

describe('the pages', () => {
  let browser, broker, op, redis, config, home, app;
  before(async () => {
    const place = await reserveBroker();
    redis = await startRedis();
    op = await startProvider({ redirectUri: place.callback('home'), person: null });
    home = await startHome();
    app = { ...APPS.notes, redirectUri: home.url };
    broker = await startBroker({
      place,
      store: redis.url,
      providers: { home: sectionFor(op.issuer), away: sectionFor(`http://127.0.0.1:${await freePort()}`, 'Away') },
      apps: { notes: appSection('notes', app) },
      operator: OPERATOR,
    });
    config = await discover(place.issuer, 'notes', app);
    browser = await launch();
  });
  after(async () => {
    await browser?.close();
    await broker?.stop();
    await Promise.all([op?.stop(), home?.stop(), redis?.stop()]);
  });

  const open = (options) => Window.open(browser, options);

  /** From the app to the choice of a provider; gives back the id of the attempt. */
  async function choose({ page }, extra) {
    const { url } = await begin(config, app, extra);
    await page.goto(`${url}`);
    return new URL(page.url()).searchParams.get('attempt');
  }

  /** On from the choice to the provider; gives back the `state` that it was sent. */
  async function depart({ page }) {
    const asked = page.waitForRequest((request) => request.url().startsWith(`${op.issuer}/auth?`));
    await page.getByRole('button', { name: 'Continue with Home' }).click();
    const state = new URL((await asked).url()).searchParams.get('state');
    await page.getByRole('button', { name: 'ada' }).waitFor();
    return state;
  }

  async function signIn(window, extra) {
    await choose(window, extra);
    const state = await depart(window);
    await window.page.getByRole('button', { name: 'ada' }).click();
    return state;
  }

  /** What stands in the window now, after `act` led there. */
  async function expectPage(window, name, { status = 200, headline }, act) {
    const arrived = window.page.waitForResponse((response) => response.request().isNavigationRequest() && response.status() === status);
    await Promise.all([arrived, act()]);
    await window.page.getByRole('heading', { level: 1, name: headline }).waitFor();
    await window.picture(name);
    if (status >= 400) window.expect(status);
  }

  const answer = (state, more = '') => `${broker.callback('home')}?state=${state}&iss=${encodeURIComponent(op.issuer)}${more}`;

  it('say why they cannot go on for an app', async () => {
    const window = await open();
    const ask = async (redirectUri) => window.page.goto(`${(await begin(config, { redirectUri })).url}`);
    await expectPage(window, 'bad-redirect', { status: 400, headline: 'We cannot take you back to this app' }, () => ask('https://evil.example.com/'));
    await expectPage(window, 'not-found', { status: 404, headline: 'There is nothing here' }, () => window.page.goto(`${broker.issuer}/nothing`));
    await window.close();
  });

  it('lead on from a provider that is down', async () => {
    const window = await open();
    await choose(window);
    const away = window.page.getByRole('button', { name: 'Continue with Away' });
    await expectPage(window, 'provider-down', { status: 503, headline: 'Away does not answer' }, () => away.click());
    await window.page.getByRole('link', { name: 'Choose another way' }).click();
    await away.waitFor();
    await window.picture('choose-not-answering');
    await depart(window);
    await window.page.getByRole('button', { name: 'ada' }).click();
    await window.page.waitForURL(`${home.url}**`);
    await window.close();
  });

  it('tell a sign-in that is over, foreign or too old from one another', async () => {
    const [window, other] = [await open(), await open()];
    const attempt = await choose(window);
    const state = await depart(window);
    await expectPage(other, 'foreign', { status: 400, headline: 'This sign-in began in another browser' }, () => other.page.goto(answer(state, '&code=x')));
    await expectPage(other, 'expired', { status: 400, headline: 'This sign-in has run out' }, () => other.page.goto(`${broker.issuer}/login?attempt=${attempt}`));

    await expectPage(window, 'untrusted', { status: 502, headline: 'We cannot trust this answer from Home' }, () => window.page.goto(answer(state, '&code=x')));
    await window.page.getByRole('link', { name: 'Choose another way' }).click();
    const again = await depart(window);
    await window.page.getByRole('button', { name: 'ada' }).click();
    await window.page.waitForURL(`${home.url}**`);
    await expectPage(window, 'already-done', { status: 400, headline: 'You have finished this sign-in already' }, () => window.page.goto(answer(again, '&code=x')));
    await Promise.all([window.close(), other.close()]);
  });

  it('refuse a form that was not made for this browser', async () => {
    const window = await open();
    await choose(window);
    await window.page.locator('main [name=form_token]').evaluate((field) => (field.value = 'forged'));
    const button = window.page.getByRole('button', { name: 'Continue with Home' });
    await expectPage(window, 'form-refused', { status: 403, headline: 'This page was open for too long' }, () => button.click());
    await window.close();
  });

  it('take a form_post answer to the app with one click and no script', async () => {
    const window = await open({ javaScriptEnabled: false });
    await expectPage(window, 'form-post', { headline: 'One more click to Notes' }, () => signIn(window, { response_mode: 'form_post' }));
    await window.page.getByRole('button', { name: 'Continue to Notes' }).click();
    await window.page.waitForURL(home.url);
    assert.ok(home.posted.at(-1).get('code'));
    await window.close();
  });

  it('take a form_post answer to the app by themselves where scripts run', async () => {
    const window = await open();
    await signIn(window, { response_mode: 'form_post' });
    await window.page.waitForURL(home.url);
    assert.ok(home.posted.at(-1).get('code'));
    await window.close();
  });

  it('ask before signing out, name the app, and lead back to it', async () => {
    const window = await open();
    await signIn(window);
    await window.page.waitForURL(`${home.url}**`);
    const out = `${broker.issuer}/logout?client_id=notes&post_logout_redirect_uri=${encodeURIComponent(app.signedOut)}`;
    await expectPage(window, 'sign-out-app', { headline: 'Do you want to sign out?' }, () => window.page.goto(out));
    await window.close();
  });

  for (const [locale, headline] of Object.entries({ de: /anmelden/i, fr: /notes/i, es: /notes/i })) {
    it(`speak ${locale}`, async () => {
      const window = await open({ locale });
      await expectPage(window, `choose-${locale}`, { headline }, () => choose(window));
      assert.equal(await window.page.locator('html').getAttribute('lang'), locale);
      await window.page.goto(`${broker.issuer}/logout`);
      await window.picture(`signed-out-${locale}`);
      await window.close();
    });
  }

  it('ask for patience while the store is away', async () => {
    const window = await open();
    await signIn(window);
    await window.page.waitForURL(`${home.url}**`);
    await redis.stop();
    await expectPage(window, 'store-away', { status: 503, headline: 'We need a moment' }, () => choose(window));
    await window.close();
  });
});

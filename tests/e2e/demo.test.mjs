// `vestibule demo` as somebody sees it who has just cloned this: in a browser, from an app to its verified token.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { BINARY } from './support/broker.mjs';
import { startDemo } from './support/demo.mjs';
import { Program } from './support/process.mjs';
import { launch, Window } from './support/window.mjs';

describe('the demo', () => {
  let places, demo, browser, began, keys;
  before(async () => {
    began = performance.now();
    demo = await startDemo();
    ({ places } = demo);
    keys = await fetch(`${places.broker}/jwks`);
    browser = await launch();
  });
  after(async () => {
    await browser?.close();
    await demo?.stop();
  });

  /** From the app's own page to its page for somebody who is signed in. */
  async function signIn(window, app, provider, person) {
    const { page } = window;
    await page.goto(places[app]);
    await window.click(page.getByRole('link', { name: 'Sign in' }));
    await window.click(page.getByRole('button', { name: `Continue with ${provider}` }));
    await window.click(page.getByRole('button', { name: person }));
    await agree(window, app === 'notes');
    await page.getByText('Verified against JWKS').waitFor();
  }

  /** Answers the question what the app may see, as it stands: what is optional stays off. With `maybe`, an earlier test may have. */
  async function agree(window, maybe = false) {
    await window.page.waitForURL((at) => at.pathname === '/consent' || (maybe && at.href.startsWith(places.notes)));
    if (new URL(window.page.url()).pathname !== '/consent') return;
    for (const box of await window.page.locator('main form input[type=checkbox]').all()) assert.equal(await box.isChecked(), false);
    await window.click(window.page.locator('main form button[name=answer]').first());
  }

  it('says that it is open when a sign-in works, not before', () => assert.equal(keys.status, 200));

  it('leads to a verified token within a minute: three clicks, and one for the question what the app may see', async (t) => {
    const window = await Window.open(browser);
    await signIn(window, 'notes', 'Google', 'Ada Lovelace');
    const seconds = (performance.now() - began) / 1000;
    t.diagnostic(`${window.clicks} clicks, ${seconds.toFixed(1)} s from the command to the token`);
    assert.ok(window.clicks <= 4, `${window.clicks} clicks`);
    assert.ok(seconds < 60, `${seconds} s`);
    const token = await window.page.locator('#token').textContent();
    assert.match(token.trim(), /^[\w-]+\.[\w-]+\.[\w-]+$/);
    await window.close();
  });

  it('works through Facebook, for somebody else, in another app', async () => {
    const window = await Window.open(browser);
    await signIn(window, 'photos', 'Facebook', 'Ada Lovelace');
    assert.equal(window.clicks, 4);
    await window.page.getByRole('heading', { name: 'Ada' }).waitFor();
    await window.close();
  });

  it('needs no JavaScript', async () => {
    const window = await Window.open(browser, { javaScriptEnabled: false });
    await signIn(window, 'notes', 'Google', 'Ada Lovelace');
    await window.close();
  });

  it('signs in to the second app without being asked who one is', async () => {
    const window = await Window.open(browser);
    await signIn(window, 'notes', 'Google', 'Ada Lovelace');
    await window.page.goto(places.photos);
    await window.click(window.page.getByRole('link', { name: 'Sign in' }));
    await agree(window);
    await window.page.getByText('Verified against JWKS').waitFor();
    await window.close();
  });

  it('says so, and offers a way on, when the person refuses at the provider', async () => {
    const window = await Window.open(browser);
    const { page } = window;
    await page.goto(places.notes);
    await page.getByRole('link', { name: 'Sign in' }).click();
    await page.getByRole('button', { name: 'Continue with Google' }).click();
    await page.getByRole('button', { name: 'Refuse' }).click();
    await page.waitForURL(`${places.broker}/**`);
    assert.ok((await page.getByRole('heading', { level: 1 }).textContent()).trim());
    await window.picture('cancelled');
    await page.getByRole('link', { name: 'Choose another way' }).click();
    await page.getByRole('button', { name: 'Continue with Google' }).click();
    await page.getByRole('button', { name: 'Ada Lovelace' }).click();
    await agree(window, true);
    await page.getByText('Verified against JWKS').waitFor();
    window.expect(403);
    await window.close();
  });

  it('signs out everywhere here: the next sign-in asks again', async () => {
    const window = await Window.open(browser);
    const { page } = window;
    await signIn(window, 'notes', 'Google', 'Ada Lovelace');
    await window.click(page.getByRole('button', { name: 'Sign out' }));
    await page.waitForURL(`${places.notes}**`);
    await page.getByRole('link', { name: 'Sign in' }).click();
    await page.getByRole('button', { name: 'Continue with Google' }).waitFor();
    assert.match(await page.getByRole('button', { name: 'Continue with Google' }).textContent(), /last time/);
    await window.close();
  });

  it('looks the part in every width and colour scheme', async () => {
    const window = await Window.open(browser);
    const { page } = window;
    await page.goto(places.broker);
    await window.picture('home');
    await page.goto(places.notes);
    await window.picture('app');
    await page.getByRole('link', { name: 'Sign in' }).click();
    await window.picture('choose');
    await page.getByRole('button', { name: 'Continue with Google' }).click();
    await window.picture('simulator');
    await page.getByRole('button', { name: 'Ada Lovelace' }).click();
    await agree(window, true);
    await page.getByText('Verified against JWKS').waitFor();
    await window.picture('token');
    await page.goto(`${places.broker}/logout`);
    await window.picture('sign-out');
    await page.locator('main button').first().click();
    await window.picture('signed-out');
    await page.goto(`${places.broker}/authorize?client_id=nobody`);
    await window.picture('problem');
    window.expect(400);
    await window.close();
  });

  it('says to programs where everything is', async (t) => {
    const program = new Program(BINARY, ['demo', '--json']);
    t.after(() => program.stop('SIGINT'));
    await program.ready(() => program.stdout.endsWith('\n'), 60);
    const told = JSON.parse(program.stdout);
    assert.deepEqual(Object.keys(told).sort(), ['broker', 'facebook', 'google', 'notes', 'photos']);
    for (const place of Object.values(told)) assert.ok((await fetch(place)).status < 500, place);
    assert.equal((await fetch(`${told.broker}/.well-known/openid-configuration`).then((answer) => answer.json())).issuer, told.broker);
  });
});

// The question what an app may see, as somebody reads it in a browser: what would be given, why, and both answers.
import assert from 'node:assert/strict';
import { after, afterEach, before, beforeEach, describe, it } from 'node:test';
import { startDemo } from './support/demo.mjs';
import { launch, Window } from './support/window.mjs';

describe('the question what an app may see', () => {
  let places, demo, browser;
  before(async () => (browser = await launch()));
  after(() => browser?.close());
  // Each starts where nobody has agreed to anything.
  beforeEach(async () => {
    demo = await startDemo();
    ({ places } = demo);
  });
  afterEach(() => demo?.stop());

  /** From the app's own page to the question. */
  async function arrive({ page }) {
    await page.goto(places.notes);
    await page.getByRole('link', { name: 'Sign in' }).click();
    await page.getByRole('button', { name: 'Continue with Google' }).click();
    await page.getByRole('button', { name: 'Ada Lovelace' }).click();
    await page.waitForURL((at) => at.pathname === '/consent');
  }

  const sees = ({ page }) => page.getByText('Verified against JWKS').waitFor();
  const row = ({ page }, name) => page.locator('main li.row', { hasText: name });

  it('is answered with no: the app hears it, and asks again next time', async () => {
    const window = await Window.open(browser);
    await arrive(window);
    const [yes, no] = await window.page.locator('main form button[name=answer]').all();
    const [a, b] = [await yes.boundingBox(), await no.boundingBox()];
    assert.ok(Math.abs(a.width - b.width) < 1 && Math.abs(a.height - b.height) < 1, 'both weigh the same');
    await window.page.getByRole('button', { name: 'Not now' }).click();
    await window.page.getByText('access_denied').first().waitFor({ state: 'attached' });
    await window.page.goto(places.notes);
    await window.page.getByRole('link', { name: 'Sign in' }).click();
    await window.page.getByRole('heading', { level: 1, name: 'Notes' }).waitFor();
    assert.equal(new URL(window.page.url()).pathname, '/consent');
    window.expect(403);
    await window.close();
  });

  for (const javaScriptEnabled of [false, true]) {
    it(`shows the very values, and what is optional off (${javaScriptEnabled ? 'with' : 'without'} scripts)`, async () => {
      const window = await Window.open(browser, { javaScriptEnabled });
      const { page } = window;
      await arrive(window);
      assert.match(await page.locator('main').textContent(), new RegExp(new URL(places.notes).host));
      const mail = await row(window, 'Your e-mail address').textContent();
      for (const part of ['ada.lovelace@gmail.com', 'From', 'Google', 'was checked · Yes', 'To send you the notes', 'until you disconnect Notes']) assert.ok(mail.includes(part), mail);
      assert.equal(await row(window, 'Your e-mail address').getByRole('checkbox').count(), 0, 'what is required is no choice');
      const name = page.getByRole('checkbox', { name: 'Your full name' });
      assert.equal(await name.isChecked(), false);
      if (javaScriptEnabled) await window.picture('consent');
      await page.locator('main li.row label').click();
      assert.equal(await name.isChecked(), true);
      if (javaScriptEnabled) await window.picture('consent-on');
      // The form leads back to the app: the browser's own rule about forms lets it.
      await page.getByRole('button', { name: 'Continue' }).click();
      await sees(window);
      assert.match(await page.locator('body').textContent(), /Ada Lovelace/);
      await page.goto(places.photos);
      await page.getByRole('link', { name: 'Sign in' }).click();
      await page.getByRole('button', { name: 'Continue' }).click();
      await sees(window);
      await window.close();
    });
  }
});

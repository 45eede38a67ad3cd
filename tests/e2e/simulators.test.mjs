// Every simulator of `vestibule simulate`, logged in through the preset of its provider, by clicking: what an app
// developer has in their own CI instead of Google.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import * as oidc from 'openid-client';
import { begin, discover, startHome } from './support/app.mjs';
import { BINARY, reserveBroker, startBroker } from './support/broker.mjs';
import { freePort, Program } from './support/process.mjs';
import { APPS, appSection } from './support/stack.mjs';
import { launch, Window } from './support/window.mjs';


/** Starts one, and gives back what it prints for `vestibule.toml`. */
async function startSimulator(kind, t) {
  const program = new Program(BINARY, ['simulate', kind, '--port', `${await freePort()}`]);
  t.after(() => program.stop('SIGINT'));
  await program.ready(() => program.stdout.includes('Ctrl-C'));
  const [section] = program.stdout.match(/^\[providers\..*?(?=^Faults)/ms);
  return section;
}

/** Goes from the app to the simulator and, where it leads back, on to the app; gives back the address it ended at. */
async function answer(window, config, app, choice, extra) {
  const { url, checks } = await begin(config, app, extra);
  await window.page.goto(`${url}`);
  await window.page.getByRole('button', { name: choice }).click();
  await window.page.waitForURL((at) => !at.pathname.startsWith('/_simulator') && at.pathname.includes('callback'));
  return { at: new URL(window.page.url()), checks };
}

describe('the simulators', () => {
  let browser;
  before(async () => (browser = await launch()));
  after(() => browser?.close());

  for (const kind of ['google', 'facebook', 'github', 'microsoft', 'apple']) {
    it(`${kind} signs in and refuses`, async (t) => {
      const section = await startSimulator(kind, t);
      const place = await reserveBroker();
      const home = await startHome();
      t.after(() => home.stop());
      const app = { ...APPS.notes, redirectUri: home.url };
      const broker = await startBroker({ place, apps: { notes: appSection('notes', app) }, more: section });
      t.after(() => broker.stop());
      const config = await discover(place.issuer, 'notes', app);
      const subjects = [];
      // Apple tells a name once, so the second visit asks for none.
      for (const scope of ['openid profile email', 'openid email']) {
        const window = await Window.open(browser);
        const { at, checks } = await answer(window, config, app, 'Ada Lovelace', { scope });
        const tokens = await oidc.authorizationCodeGrant(config, at, checks);
        const user = await oidc.fetchUserInfo(config, tokens.access_token, tokens.claims().sub);
        assert.equal(user.name, scope.includes('profile') ? 'Ada Lovelace' : undefined);
        assert.match(user.email, /@/);
        subjects.push(user.sub);
        await window.close();
      }
      assert.equal(subjects[0], subjects[1], 'the same person is the same');

      const window = await Window.open(browser);
      const { at } = await answer(window, config, app, 'Refuse');
      assert.equal(at.origin, place.issuer, 'a no is a page of the broker, not an error for the app');
      await window.context.close();
    });
  }

  it('say to programs how to use them', async (t) => {
    const port = await freePort();
    const program = new Program(BINARY, ['simulate', 'github', '--port', `${port}`, '--client-secret', 'as-the-ci-says', '--json']);
    t.after(() => program.stop('SIGINT'));
    await program.ready(() => program.stdout.endsWith('\n'));
    const { section, ...told } = JSON.parse(program.stdout);
    assert.deepEqual(told, {
      provider: 'github',
      issuer: `http://127.0.0.1:${port}`,
      client_id: 'Ov23liSimulated00001',
      client_secret: 'as-the-ci-says',
    });
    for (const value of Object.values(told).slice(1)) assert.ok(section.includes(`= "${value}"`), section);
  });
});

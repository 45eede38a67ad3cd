// Every simulator of `vestibule simulate`, logged in through the preset of its provider, by clicking: what an app
// developer has in their own CI instead of Google.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import * as oidc from 'openid-client';
import { begin, discover } from './support/app.mjs';
import { BINARY, reserveBroker, startBroker } from './support/broker.mjs';
import { freePort, Program } from './support/process.mjs';
import { APPS, appSection } from './support/stack.mjs';
import { launch, Window } from './support/window.mjs';

const { notes } = APPS;
const wish = (need) => ({ need, why: 'To test.' });

/** Starts one, and gives back what it prints for `vestibule.toml`. */
async function startSimulator(kind, t) {
  const program = new Program(BINARY, ['simulate', kind, '--port', `${await freePort()}`]);
  t.after(() => program.stop('SIGINT'));
  await program.ready(() => program.stdout.includes('Ctrl-C'));
  const [section] = program.stdout.match(/^\[providers\..*?(?=^Faults)/ms);
  return section;
}

/** Goes from the app to the simulator and, where it leads back, on to the app; gives back the address it ended at. */
async function answer(window, config, choice) {
  const { url, checks } = await begin(config, notes);
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
      const app = { ...appSection('notes', notes), claims: { email: wish('optional'), name: wish('optional') } };
      const broker = await startBroker({ place, apps: { notes: app }, more: section });
      t.after(() => broker.stop());
      const config = await discover(place.issuer, 'notes', notes);
      const open = async () => {
        const window = await Window.open(browser);
        await window.pretend('notes.example.com');
        return window;
      };

      const subjects = [];
      for (const visit of ['first', 'second']) {
        const window = await open();
        const { at, checks } = await answer(window, config, 'Ada Lovelace');
        const tokens = await oidc.authorizationCodeGrant(config, at, checks);
        const user = await oidc.fetchUserInfo(config, tokens.access_token, tokens.claims().sub);
        if (visit === 'first') assert.equal(user.name, 'Ada Lovelace');
        subjects.push(user.sub);
        await window.close();
      }
      assert.equal(subjects[0], subjects[1], 'the same person is the same');

      const window = await open();
      const { at } = await answer(window, config, 'Refuse');
      assert.equal(at.origin, place.issuer, 'a no is a page of the broker, not an error for the app');
      await window.context.close();
    });
  }
});

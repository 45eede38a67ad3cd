// FedCM as Chromium does it: its own dialog, on the page of an app of another site.
import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { after, before, describe, it } from 'node:test';
import { createRemoteJWKSet, jwtVerify } from 'jose';
import { Dialog, startPage } from './support/dialog.mjs';
import { freePort } from './support/process.mjs';
import { startStack } from './support/stack.mjs';
import { launch, Window } from './support/window.mjs';

const purpose = (need, why) => ({ need, why });

describe("the browser's own dialog", () => {
  let stack, notes, wiki, chromium;
  before(async () => {
    [notes, wiki] = await Promise.all([startPage(await freePort()), startPage(await freePort())]);
    const app = (name, { home }, more) => ({ name, redirect_uris: [`${home}callback`], ...more });
    stack = await startStack({
      fedcm: { enabled: true },
      apps: {
        notes: app('Notes', notes, { consent: 'implicit', claims: { name: purpose('required', 'To greet you.') } }),
        wiki: app('Wiki', wiki, { claims: { name: purpose('required', 'To greet you.'), email: purpose('optional', 'To write to you.') } }),
      },
    });
    chromium = await launch();
  });
  after(async () => {
    await chromium?.close();
    await Promise.all([notes?.stop(), wiki?.stop()]);
    const end = await stack?.stop();
    assert.equal(end?.code, 0, stack?.broker.log);
  });

  /** A browser in which somebody has the page of an app open. */
  async function visit(app) {
    const window = await Window.open(chromium);
    await window.page.goto(app.home);
    return { window, dialog: await Dialog.of(window.page) };
  }

  /** Signs in in a window of its own, as the browser's dialog would have it. */
  async function signIn(window, person) {
    stack.op.person = person;
    const page = await window.context.newPage();
    await page.goto(`${stack.issuer}/fedcm/login`);
    await page.waitForURL(`${stack.issuer}/**`);
    await page.close();
  }

  const verifier = () => randomBytes(32).toString('base64url');
  const challenge = (secret) => createHash('sha256').update(secret).digest('base64url');
  const asking = (client, nonce, secret) => ({ issuer: stack.issuer, client, params: { nonce, code_challenge: challenge(secret), code_challenge_method: 'S256' } });

  /** What the app's code is good for: an ID token that is its own and answers its nonce. */
  async function redeemed(client, code, code_verifier, nonce) {
    const body = new URLSearchParams({ grant_type: 'authorization_code', client_id: client, code, code_verifier });
    const answer = await fetch(`${stack.issuer}/token`, { method: 'POST', body });
    const tokens = await answer.json();
    assert.equal(answer.status, 200, JSON.stringify(tokens));
    const keys = createRemoteJWKSet(new URL(`${stack.issuer}/jwks`));
    const { payload } = await jwtVerify(tokens.id_token, keys, { issuer: stack.issuer, audience: client });
    assert.equal(payload.nonce, nonce);
    return { ...tokens, claims: payload };
  }

  it('offers who is signed in, and signs in to an app on another site', async () => {
    const { window, dialog } = await visit(notes);
    await signIn(window, 'ada');
    for (const mode of ['passive', 'active']) {
      const secret = verifier();
      const answer = dialog.ask({ ...asking('notes', mode, secret), mode });
      const offered = await dialog.next('AccountChooser');
      assert.deepEqual(offered.accounts.map(({ name, email }) => [name, email]), [['Ada Lovelace', 'ada@example.org']]);
      await dialog.choose(offered);
      const { token, isAutoSelected } = await answer;
      assert.equal(isAutoSelected, false);
      const { claims } = await redeemed('notes', token, secret, mode);
      assert.equal(claims.name, 'Ada Lovelace');
      assert.notEqual(claims.sub, offered.accounts[0].accountId, 'what the browser calls her, no app hears');
    }
    await window.close();
  });

  it('asks in a window what an app may see, and goes on from there', async () => {
    const { window, dialog } = await visit(wiki);
    await signIn(window, 'ada');
    const ask = async (button, secret) => {
      const opened = window.context.waitForEvent('page');
      const answer = dialog.ask(asking('wiki', 'n', secret));
      await dialog.choose(await dialog.next('AccountChooser'));
      const page = await opened;
      await page.getByText('ada@example.org').waitFor();
      const closed = page.waitForEvent('close');
      await page.getByRole('button', { name: button, exact: true }).click();
      await closed;
      return answer;
    };
    assert.equal((await ask('Not now', verifier())).token, undefined);
    const secret = verifier();
    const { token } = await ask('Continue', secret);
    const { claims } = await redeemed('wiki', token, secret, 'n');
    assert.deepEqual([claims.name, claims.email], ['Ada Lovelace', undefined], 'what is optional stays off');

    // Agreed once, she is not asked again.
    const again = dialog.ask(asking('wiki', 'n', secret));
    const offered = await dialog.next('AccountChooser');
    assert.equal(offered.accounts[0].loginState, 'SignIn');
    await dialog.choose(offered);
    const { claims: second } = await redeemed('wiki', (await again).token, secret, 'n');
    assert.equal(second.sub, claims.sub);

    // The app parts from her: the browser forgets, and the next time everything is asked.
    assert.equal(await dialog.disconnect({ issuer: stack.issuer, client: 'wiki', hint: claims.sub }), 'done');
    const anew = dialog.ask(asking('wiki', 'n', secret));
    const asked = await dialog.next('AccountChooser');
    assert.equal(asked.accounts[0].loginState, 'SignUp');
    await dialog.dismiss(asked);
    assert.equal((await anew).token, undefined);
    window.expect('Error retrieving a token');
    await window.hear('Prompt dismissed');
    await window.close();
  });

  it('lets somebody who is signed in choose another account', async () => {
    const { window, dialog } = await visit(notes);
    await signIn(window, 'ada');
    const ask = async (nonce, name, before = () => {}) => {
      const secret = verifier();
      const answer = dialog.ask(asking('notes', nonce, secret));
      let offered = await dialog.next('AccountChooser');
      if (await before()) {
        await dialog.dismiss(offered);
        await answer;
        return ask(nonce, name);
      }
      assert.deepEqual(offered.accounts.map((account) => account.name), [name]);
      await dialog.choose(offered);
      return (await redeemed('notes', (await answer).token, secret, nonce)).claims.sub;
    };
    const ada = await ask('1', 'Ada Lovelace');
    // "Use another account" in the dialog opens this window; it closes by itself.
    const grace = await ask('2', 'Grace Hopper', () => signIn(window, 'grace').then(() => true));
    assert.notEqual(ada, grace);
    assert.equal(await ask('3', 'Ada Lovelace', () => signIn(window, 'ada').then(() => true)), ada);
    for (const said of ['Error retrieving a token', 'Prompt dismissed']) window.expect(said);
    await window.close();
  });

  it('offers whoever signs in next, and nobody once nobody is', async () => {
    const { window, dialog } = await visit(notes);
    // Nobody is signed in: the browser opens our window, she signs in there, it closes, and she is offered.
    stack.op.person = 'ada';
    const subjects = [];
    for (const [person, name] of [['ada', 'Ada Lovelace'], ['grace', 'Grace Hopper']]) {
      stack.op.person = person;
      const secret = verifier();
      const answer = dialog.ask(asking('notes', person, secret));
      const offered = await dialog.next('AccountChooser');
      assert.deepEqual(offered.accounts.map((account) => account.name), [name]);
      await dialog.choose(offered);
      const { claims } = await redeemed('notes', (await answer).token, secret, person);
      assert.equal(claims.name, name);
      subjects.push(claims.sub);

      const account = await window.context.newPage();
      await account.goto(`${stack.issuer}/account`);
      await account.getByRole('button', { name: 'Sign out everywhere, here too' }).click();
      await account.getByRole('button', { name: 'Sign out everywhere, here too' }).waitFor({ state: 'detached' });
      await account.close();
      // By itself the browser asks nothing and shows nothing.
      assert.equal((await dialog.ask({ ...asking('notes', 'n', secret), mode: 'passive' })).name, 'NetworkError');
      assert.deepEqual(dialog.shown, []);
      // The provider, too, forgets who was there.
      await window.context.clearCookies({ name: /^(?!vst|__Host).*/ });
    }
    assert.notEqual(subjects[0], subjects[1]);
    for (const said of ['accounts endpoint, a 401', 'accounts list fetch', 'Not signed in']) window.expect(said);
    await window.close();
  });
});

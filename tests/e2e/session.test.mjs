// Session Management 1.0 as the certification suite looks at it, in a real browser: an app's page holds the provider's
// frame and a frame of its own, which asks the other whether the session is still the one that the app knows.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { after, before, describe, it } from 'node:test';
import * as oidc from 'openid-client';
import { begin, discover } from './support/app.mjs';
import { APPS, sections, startStack } from './support/stack.mjs';
import { launch, Window } from './support/window.mjs';

/** The page: two frames, and what was heard. It asks by itself where it is told to. */
const WATCH = (provider, asker) => `<!doctype html><title>An app</title><link rel="icon" href="data:,">
<iframe src="${provider}" hidden></iframe><iframe src="${asker}" hidden></iframe><script>
  addEventListener('message', ({ data, source }) => {
    if (source === frames[0]) window.answer = data;
    else Object.assign(window, data);
  });
  addEventListener('load', () => frames[1].postMessage('begin', '*'));
</script>`;

/** The frame that asks the one beside it, again and again, and tells the page about it. */
const ASKER = `<!doctype html><title>Asks</title><script>
  const question = decodeURIComponent(location.hash.slice(1));
  let asked = 0;
  const ask = () => {
    parent.frames[0].postMessage(question, '*');
    parent.postMessage({ asked: ++asked }, '*');
    setTimeout(ask, 20);
  };
  addEventListener('message', ({ data, source }) => (source === parent ? ask() : parent.postMessage({ heard: data }, '*')));
</script>`;

/** An app's origin: a place to come back to, and both pages. */
async function startPages() {
  const server = createServer((req, res) => {
    const { pathname, searchParams } = new URL(req.url, 'http://127.0.0.1');
    const pages = { '/asker': () => ASKER, '/watch': () => WATCH(searchParams.get('provider'), searchParams.get('asker')) };
    res.setHeader('content-type', 'text/html; charset=utf-8');
    res.end(pages[pathname]?.() ?? '<!doctype html><title>An app</title><link rel="icon" href="data:,">');
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const stop = () => {
    server.closeAllConnections();
    return new Promise((closed) => server.close(closed));
  };
  return { origin: `http://127.0.0.1:${server.address().port}`, stop };
}

describe('the frame that watches a session', () => {
  let stack, app, other, chromium, config, notes;
  before(async () => {
    [app, other] = [await startPages(), await startPages()];
    notes = { ...APPS.notes, redirectUri: `${app.origin}/callback`, signedOut: `${app.origin}/bye` };
    stack = await startStack({ apps: sections({ notes }) });
    config = await discover(stack.issuer, 'notes', notes);
    chromium = await launch();
  });
  after(async () => {
    await chromium?.close();
    const end = await stack?.stop();
    await Promise.all([app?.stop(), other?.stop()]);
    assert.equal(end?.code, 0, stack?.broker.log);
  });

  /** Opens the page at `on`, with the frame that asks at `from`. */
  async function watch(page, question, { on = app.origin, from = on } = {}) {
    const asker = `${from}/asker#${encodeURIComponent(question)}`;
    const query = new URLSearchParams({ provider: config.serverMetadata().check_session_iframe, asker });
    await page.goto(`${on}/watch?${query}`);
  }

  /** What the frame beside it says. */
  async function heard(page, question, where) {
    await watch(page, question, where);
    return (await page.waitForFunction(() => window.heard)).jsonValue();
  }

  it('says unchanged while it lives and changed once it has ended, to the origin that it stands in alone', async () => {
    const window = await Window.open(chromium);
    const { page } = window;
    const { url, checks } = await begin(config, notes);
    await page.goto(url.href);
    await page.waitForURL(`${notes.redirectUri}?**`);
    const answer = new URL(page.url());
    const tokens = await oidc.authorizationCodeGrant(config, answer, checks);
    const state = answer.searchParams.get('session_state');

    assert.equal(await heard(page, `notes ${state}`), 'unchanged');
    assert.equal(await heard(page, `tasks ${state}`), 'changed', 'it is another app’s');
    assert.equal(await heard(page, `notes ${state}`, { on: other.origin }), 'changed', 'it is another origin’s');
    for (const wrong of ['', 'notes', 'notes x', `notes ${state} x`]) assert.equal(await heard(page, wrong), 'error', wrong);

    // Section 3.2: nobody is answered whose origin is not that of the page.
    await watch(page, `notes ${state}`, { from: other.origin });
    await page.waitForFunction(() => window.asked > 3);
    await page.evaluate((question) => frames[0].postMessage(question, '*'), `notes ${state}`);
    assert.equal(await (await page.waitForFunction(() => window.answer)).jsonValue(), 'unchanged', 'the page itself may ask');
    assert.equal(await page.evaluate(() => window.heard), undefined);

    const out = oidc.buildEndSessionUrl(config, { id_token_hint: tokens.id_token, post_logout_redirect_uri: notes.signedOut, state: 's-1' });
    await page.goto(out.href);
    await page.waitForURL(`${notes.signedOut}?state=s-1`);
    assert.equal(await heard(page, `notes ${state}`), 'changed');
    await window.close();
  });
});

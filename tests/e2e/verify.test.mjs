// The code of docs/verify.md: it takes what Vestibule gives, offline and with few questions, and refuses everything else.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { exportJWK, exportSPKI, generateKeyPair, SignJWT, UnsecuredJWT } from 'jose';
import { discover, signIn } from './support/app.mjs';
import { Browser } from './support/browser.mjs';
import { DOCS, SERVICES } from './support/examples.mjs';
import { until } from './support/process.mjs';
import { APPS, startStack } from './support/stack.mjs';

/** An issuer whose keys we have, so that it signs what a good one never would; it counts who asks for its keys. */
async function startIssuer() {
  const { publicKey, privateKey } = await generateKeyPair('ES256', { extractable: true });
  const rsa = await generateKeyPair('RS256');
  const keys = [
    { ...(await exportJWK(publicKey)), kid: 'one', use: 'sig', alg: 'ES256' },
    { ...(await exportJWK(rsa.publicKey)), kid: 'two', use: 'sig', alg: 'RS256' },
  ];
  const issuer = { asked: 0, broken: false };
  const server = createServer((_req, res) => {
    issuer.asked += 1;
    res.writeHead(issuer.broken ? 503 : 200, { 'content-type': 'application/json' }).end(JSON.stringify({ keys }));
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  issuer.url = `http://127.0.0.1:${server.address().port}`;
  issuer.stop = () => {
    server.closeAllConnections();
    return new Promise((closed) => server.close(closed));
  };
  const now = Math.floor(Date.now() / 1000);
  const good = { iss: issuer.url, aud: ['notes', issuer.url], sub: 'a-person', client_id: 'notes', iat: now, exp: now + 300 };
  issuer.sign = (claims = {}, header = {}, key = privateKey) =>
    new SignJWT({ ...good, ...claims }).setProtectedHeader({ alg: 'ES256', kid: 'one', typ: 'at+jwt', ...header }).sign(key);
  /** From now on there is another key, and the first is gone. Gives tokens by it. */
  issuer.change = async () => {
    const next = await generateKeyPair('ES256');
    keys.splice(0, 1, { ...(await exportJWK(next.publicKey)), kid: 'three', use: 'sig', alg: 'ES256' });
    return () => issuer.sign({}, { kid: 'three' }, next.privateKey);
  };
  const without = (name) => issuer.sign({ [name]: undefined });
  const stranger = await generateKeyPair('ES256');
  const pem = new TextEncoder().encode(await exportSPKI(publicKey));
  const [head, , signature] = (await issuer.sign()).split('.');
  const forged = Buffer.from(JSON.stringify({ ...good, sub: 'another-person' })).toString('base64url');
  issuer.bad = {
    'of another issuer': await issuer.sign({ iss: 'https://evil.example.com' }),
    'for another app': await issuer.sign({ aud: 'tasks' }),
    'that is over': await issuer.sign({ exp: now - 10 }),
    'that never ends': await without('exp'),
    'of nobody': await without('sub'),
    'for nobody': await without('aud'),
    'from nobody': await without('iss'),
    'that is bound to a key': await issuer.sign({ cnf: { jkt: '0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I' } }),
    'that is an ID token': await issuer.sign({}, { typ: 'JWT' }),
    'of no type': await issuer.sign({}, { typ: undefined }),
    'by the key of a stranger': await issuer.sign({}, {}, stranger.privateKey),
    'by another algorithm': await issuer.sign({}, { alg: 'RS256', kid: 'two' }, rsa.privateKey),
    'by the public key as a secret': await issuer.sign({}, { alg: 'HS256' }, pem),
    'by nobody': new UnsecuredJWT(good).encode(),
    'with other claims than were signed': [head, forged, signature].join('.'),
    'that is none': 'not-a-token',
  };
  return issuer;
}

for (const [language, start] of Object.entries(SERVICES)) {
  describe(`a service in ${language}`, () => {
    let issuer, service;
    before(async () => {
      issuer = await startIssuer();
      service = await start(issuer.url, 'notes');
    });
    after(() => Promise.all([service?.stop(), issuer?.stop()]));

    it('takes what Vestibule gives to its app, and to no other', async () => {
      const stack = await startStack();
      const mine = await start(stack.issuer, 'notes');
      try {
        const { tokens } = await signIn(await discover(stack.issuer, 'notes', APPS.notes), APPS.notes, new Browser());
        assert.deepEqual(JSON.parse(await mine.verify(tokens.access_token)), { sub: tokens.claims().sub, client_id: 'notes' });
        assert.match(await mine.verify(tokens.id_token), /^refused: /);
        const other = await signIn(await discover(stack.issuer, 'tasks', APPS.tasks), APPS.tasks, new Browser());
        assert.match(await mine.verify(other.tokens.access_token), /^refused: /);
      } finally {
        await mine.stop();
        await stack.stop();
      }
    });

    it('refuses every other token', async () => {
      assert.match(await service.verify(await issuer.sign()), /a-person/);
      for (const [what, token] of Object.entries(issuer.bad)) assert.match(await service.verify(token), /^refused: /, `a token ${what}`);
    });

    it('asks for keys once, whatever names of keys come, and works while the issuer is away', async () => {
      for (let turn = 0; turn < 20; turn += 1) {
        assert.match(await service.verify(await issuer.sign({ sub: `person-${turn}` })), new RegExp(`person-${turn}"`));
        assert.match(await service.verify(await issuer.sign({}, { kid: `invented-${turn}` })), /^refused: /);
      }
      assert.equal(issuer.asked, 1);
      await issuer.stop();
      assert.match(await service.verify(await issuer.sign()), /a-person/);
    });

    it('keeps old keys through an outage, and no longer', async () => {
      const changing = await startIssuer();
      const mine = await start(changing.url, 'notes', 0.05, 0.05);
      const accepts = async (token) => assert.match(await mine.verify(token), /a-person/);
      try {
        await accepts(await changing.sign());
        changing.broken = true;
        const asked = async () => accepts(await changing.sign()).then(() => changing.asked > 3);
        await until(asked, { what: 'keys are old, and asked for in vain' });
        const sign = await changing.change();
        assert.match(await mine.verify(await sign()), /^refused: /);
        changing.broken = false;
        await until(async () => /a-person/.test(await mine.verify(await sign())), { what: 'the new key is found' });
        assert.match(await mine.verify(await changing.sign()), /^refused: /, 'by a key that is withdrawn');
        await changing.stop();
        const old = changing.asked;
        for (let turn = 0; turn < 20; turn += 1) await accepts(await sign()).then(() => pause(10));
        assert.equal(changing.asked, old);
      } finally {
        await mine.stop();
        await changing.stop();
      }
    });

    it('finds a new key while the old ones are fresh', async () => {
      const changing = await startIssuer();
      const mine = await start(changing.url, 'notes', 600, 0.05);
      try {
        assert.match(await mine.verify(await changing.sign()), /a-person/);
        const sign = await changing.change();
        await until(async () => /a-person/.test(await mine.verify(await sign())), { what: 'the new key is found' });
        assert.equal(changing.asked, 2);
      } finally {
        await mine.stop();
        await changing.stop();
      }
    });

    it('does not ask more often because it gets no answer', async () => {
      const broken = await startIssuer();
      const mine = await start(broken.url, 'notes', 0.05, 600);
      try {
        assert.match(await mine.verify(await broken.sign()), /a-person/);
        broken.broken = true;
        const again = async () => /a-person/.test(await mine.verify(await broken.sign())) && broken.asked > 1;
        await until(again, { what: 'keys are old' });
        const { asked } = broken;
        for (let turn = 0; turn < 20; turn += 1) {
          assert.match(await mine.verify(await broken.sign({}, { kid: `invented-${turn}` })), /^refused: /);
          await pause(5);
        }
        assert.equal(broken.asked, asked);
      } finally {
        await mine.stop();
        await broken.stop();
      }
    });
  });
}

it('docs/verify.md shows the very files', async () => {
  const page = await readFile(join(DOCS, 'verify.md'), 'utf8');
  const shown = [...page.matchAll(/\[(verify\/verify\.\w+)\]\(\1\)\n\n```\w+\n([\s\S]*?)```\n/g)];
  assert.equal(shown.length, Object.keys(SERVICES).length);
  for (const [, path, text] of shown) assert.equal(text, await readFile(join(DOCS, path), 'utf8'), path);
});

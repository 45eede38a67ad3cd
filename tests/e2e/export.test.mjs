// What people take with them, as a program reads it: against the published schema, and each receipt by the published keys.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { after, before, describe, it } from 'node:test';
import Ajv2020 from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import { unzipSync } from 'fflate';
import * as jose from 'jose';
import * as oidc from 'openid-client';
import { begin, discover, startHome } from './support/app.mjs';
import { reserveBroker, startBroker } from './support/broker.mjs';
import { startEcho } from './support/echo.mjs';
import { sectionFor, startProvider } from './support/op.mjs';
import { freePort } from './support/process.mjs';
import { portOf, startProxy } from './support/proxies.mjs';
import { APPS, askingSection, OPERATOR } from './support/stack.mjs';
import { launch, Window } from './support/window.mjs';

const HOST = 'wiki.localhost';

describe('the archive that a person takes with them', () => {
  let browser, broker, op, home, echo, proxy, window, files, schema, valid;
  before(async () => {
    const place = await reserveBroker();
    op = await startProvider({ redirectUri: place.callback('home') });
    [home, echo, browser] = [await startHome(), await startEcho(), await launch()];
    const port = await freePort();
    const gate = `http://${HOST}:${portOf('nginx', port, 0)}`;
    broker = await startBroker({
      place,
      listen: { http: `127.0.0.1:${place.http}`, management: `127.0.0.1:${place.management}`, trusted_proxies: ['127.0.0.1'] },
      providers: { home: sectionFor(op.issuer) },
      apps: {
        notes: askingSection({ ...APPS.notes, redirectUri: home.url }),
        wiki: {
          name: 'Wiki',
          gate,
          consent: 'implicit',
          access: [{ emails: ['*@example.org'] }],
          claims: { email: { need: 'required', why: 'To show who wrote a page.' } },
        },
      },
      operator: OPERATOR,
    });
    proxy = await startProxy('nginx', { port, hosts: [{ name: HOST, app: echo.port }], broker: place.http });
    window = await Window.open(browser);
    await live(gate);
    files = await download();
    schema = await (await fetch(json('manifest.json').schema)).json();
    valid = validators(schema);
  });
  after(async () => {
    await window?.close();
    await browser?.close();
    await proxy?.stop();
    await broker?.stop();
    await Promise.all([op, home, echo].map((part) => part?.stop()));
  });

  /** An app with tokens, a change of mind, a host behind the gate. */
  async function live(gate) {
    const { page } = window;
    const config = await discover(broker.issuer, 'notes', APPS.notes);
    const { url, checks } = await begin(config, { redirectUri: home.url });
    await page.goto(`${url}`);
    await page.getByRole('button', { name: 'Continue' }).click();
    await page.waitForURL(`${home.url}**`);
    await oidc.authorizationCodeGrant(config, new URL(page.url()), checks);
    await page.goto(`${broker.issuer}/account`);
    const card = page.locator('#apps details', { hasText: 'Notes' });
    await card.locator('summary').click();
    await card.locator('li.row', { hasText: 'Your full name' }).locator('label').click();
    await card.getByRole('button', { name: 'Save' }).click();
    await page.getByRole('status').filter({ hasText: 'Saved' }).waitFor();
    await page.goto(gate);
    await page.locator('#told').waitFor();
  }

  /** By the page's own link, as a person does. */
  async function download() {
    const { page } = window;
    await page.goto(`${broker.issuer}/account`);
    const [coming] = await Promise.all([page.waitForEvent('download'), page.locator('#export').getByRole('link', { name: 'Download' }).click()]);
    assert.match(coming.suggestedFilename(), /^127\.0\.0\.1_\d+-\d{4}-\d\d-\d\d\.zip$/);
    return unzipSync(await readFile(await coming.path()));
  }

  const text = (name) => new TextDecoder().decode(files[name]);
  const json = (name) => JSON.parse(text(name));
  const documents = () => Object.keys(files).filter((name) => name.endsWith('.json'));

  /** A validator for each file, strict, formats checked. */
  function validators(published) {
    const ajv = addFormats(new Ajv2020({ strict: true, allowUnionTypes: true, allErrors: true, validateFormats: true }));
    assert.equal(published.$schema, 'https://json-schema.org/draft/2020-12/schema');
    ajv.addSchema(published, 'export');
    const names = Object.keys(published.$defs).filter((name) => name.endsWith('.json'));
    return Object.fromEntries(names.map((name) => [name, ajv.getSchema(`export#/$defs/${name}`)]));
  }

  it('has the files that the schema defines, in the shape that it says', () => {
    assert.deepEqual(documents().sort(), Object.keys(valid).sort());
    for (const name of documents()) assert.ok(valid[name](json(name)), `${name}: ${JSON.stringify(valid[name].errors)}`);
    for (const name of documents()) assert.notEqual(json(name).length, 0, `${name} says something`);
  });

  it('lists each file with its checksum, and says in plain words what it is', () => {
    const listed = json('manifest.json').files;
    assert.deepEqual(listed.map(({ name }) => name).sort(), documents().filter((name) => name !== 'manifest.json').sort());
    for (const { name, sha256: sum } of listed) assert.equal(createHash('sha256').update(files[name]).digest('hex'), sum, name);
    for (const { name } of listed) assert.ok(text('README.txt').includes(name), name);
  });

  it('tells of this person: what is known, who was given it, where they are let in', () => {
    assert.equal(json('claims.json').find(({ claim }) => claim === 'email').value, 'ada@example.org');
    const notes = json('apps.json').find(({ app }) => app === 'notes');
    assert.deepEqual(notes.consent.claims, { email: true, name: true });
    assert.deepEqual(json('passes.json').map(({ app, claims, this_one: here }) => [app, claims.includes('email'), here]), [['wiki', true, true]]);
  });

  // A schema that lets anything through would prove nothing.
  it('has a schema that refuses what is missing, what is unknown and what is no date', () => {
    let changes = 0;
    for (const name of documents()) {
      for (const { what, document } of spoilt(schema, schema.$defs[name], json(name))) {
        changes += 1;
        assert.equal(valid[name](document), false, `${name}: ${what}`);
      }
    }
    assert.ok(changes > 100, `${changes} changes`);
  });

  it('has receipts that verify with the published keys, and none that was touched', async () => {
    const receipts = json('receipts.json');
    assert.deepEqual(receipts.map(({ record }) => [record.party_identification[1].party_id, record.event.event_type]), [
      ['notes', 'given'],
      ['notes', 'changed'],
      ['wiki', 'given'],
    ]);
    const metadata = await (await fetch(`${broker.issuer}/.well-known/openid-configuration`)).json();
    const published = jose.createRemoteJWKSet(new URL(metadata.jwks_uri));
    const kept = jose.createLocalJWKSet(json('keys.json'));
    for (const { record, jws } of receipts) {
      for (const keys of [published, kept]) {
        const { payload, protectedHeader } = await jose.compactVerify(jws, keys);
        assert.deepEqual(JSON.parse(new TextDecoder().decode(payload)), record);
        assert.equal(protectedHeader.alg, 'ES256');
        assert.notEqual(protectedHeader.typ, 'JWT', 'a receipt is no token');
      }
      assert.equal(record.iss, broker.issuer);
      // Whoever gives it to an app as a token is refused.
      const asToken = await fetch(`${broker.issuer}/userinfo`, { headers: { authorization: `Bearer ${jws}` } });
      assert.equal(asToken.status, 401);
      const bytes = Buffer.from(jws.split('.')[1], 'base64url');
      for (let at = 0; at < bytes.length; at += 37) {
        const changed = Buffer.from(bytes);
        changed[at] ^= 1;
        const [head, , signature] = jws.split('.');
        await assert.rejects(jose.compactVerify(`${head}.${changed.toString('base64url')}.${signature}`, published), `byte ${at}`);
      }
    }
    const [first, second] = receipts.map(({ jws }) => jws.split('.'));
    await assert.rejects(jose.compactVerify([second[0], second[1], first[2]].join('.'), published), 'a signature is of one receipt');
  });
});

/** Every document that differs from a valid one in a place where the schema cannot agree. */
function* spoilt(root, schema, value, put = (changed) => changed, path = '') {
  const at = schema.$ref ? root.$defs[schema.$ref.split('/').at(-1)] : schema;
  if (at.oneOf) {
    const fits = at.oneOf.find((one) => (value === null) === (one.type === 'null'));
    return yield* spoilt(root, fits, value, put, path);
  }
  if (at.format === 'date-time') yield { what: `${path} is no date`, document: put('yesterday') };
  if (at.format === 'uri') yield { what: `${path} is no address`, document: put('not an address') };
  if (at.enum || at.const !== undefined) yield { what: `${path} is none of those`, document: put('something else') };
  if (at.type) yield { what: `${path} is of another type`, document: put(at.type === 'object' ? [] : {}) };
  if (Array.isArray(value)) {
    for (const [index, item] of value.entries()) {
      yield* spoilt(root, at.items ?? {}, item, (changed) => put(value.with(index, changed)), `${path}/${index}`);
    }
  } else if (value !== null && typeof value === 'object') {
    for (const name of at.required ?? []) {
      const { [name]: gone, ...rest } = value;
      yield { what: `${path} without ${name}`, document: put(rest) };
    }
    if (at.additionalProperties !== undefined) yield { what: `${path} with more`, document: put({ ...value, more: 1 }) };
    for (const [name, member] of Object.entries(at.properties ?? {})) {
      if (name in value) yield* spoilt(root, member, value[name], (changed) => put({ ...value, [name]: changed }), `${path}/${name}`);
    }
  }
}

// The gate behind real proxies, configured as docs/gate/ says, before an app that knows nothing of sign-in.
import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { request } from 'node:http';
import { connect } from 'node:net';
import { after, before, describe, it } from 'node:test';
import * as jose from 'jose';
import { reserveBroker, startBroker } from './support/broker.mjs';
import { hashOf, startEcho } from './support/echo.mjs';
import { sectionFor, startProvider } from './support/op.mjs';
import { freePort } from './support/process.mjs';
import { KINDS, portOf, startProxy } from './support/proxies.mjs';
import { launch, Window } from './support/window.mjs';

const NAMES = ['wiki.localhost', 'board.localhost'];
const MIB = 1 << 20;
const OURS = ['remote-user', 'remote-email', 'remote-name', 'remote-groups', 'x-vestibule-auth', 'x-vestibule-jwt'];

/** What an app might take for a header of ours: the same name in any spelling. */
const spelled = (name) => name.toLowerCase().replaceAll(/[_.]/g, '-');

for (const kind of KINDS) {
  describe(`the gate behind ${kind}`, () => {
    let place, op, broker, apps, proxy, browser, port, origins;
    before(async () => {
      place = await reserveBroker();
      op = await startProvider({ redirectUri: place.callback('home') });
      apps = [await startEcho(), await startEcho()];
      port = await freePort(NAMES.length);
      origins = NAMES.map((name, index) => `http://${name}:${portOf(kind, port, index)}`);
      const section = (index) => ({
        name: NAMES[index],
        gate: origins[index],
        consent: 'implicit',
        access: [{ path: '/public/', public: true }, { emails: ['*@example.org'] }],
        claims: { email: { need: 'required', why: 'To show who wrote a page.' }, name: { need: 'required', why: 'To greet you.' } },
      });
      broker = await startBroker({
        place,
        listen: { trusted_proxies: ['127.0.0.1'] },
        providers: { home: sectionFor(op.issuer) },
        apps: { wiki: section(0), board: section(1) },
      });
      const hosts = NAMES.map((name, index) => ({ name, app: apps[index].port }));
      proxy = await startProxy(kind, { port, hosts, broker: place.http });
      browser = await launch();
    });
    after(async () => {
      await browser?.close();
      await proxy?.stop();
      const end = await broker?.stop();
      await Promise.all([op, ...(apps ?? [])].map((part) => part?.stop()));
      assert.equal(end?.code, 0, broker?.log);
    });

    /** One request to the proxy, headers as they are. */
    function ask(index, path, { method = 'GET', headers = [], body } = {}) {
      const at = { host: '127.0.0.1', port: portOf(kind, port, index), path, method, setHost: false, agent: false };
      return new Promise((resolve, reject) => {
        const lines = ['Host', new URL(origins[index]).host, ...headers];
        const sent = request({ ...at, headers: lines }, async (res) => {
          const hash = createHash('sha256');
          const chunks = [];
          let bytes = 0;
          for await (const chunk of res) {
            hash.update(chunk);
            if ((bytes += chunk.length) < MIB) chunks.push(chunk);
          }
          const text = Buffer.concat(chunks).toString();
          const told = () => JSON.parse(text);
          resolve({ status: res.statusCode, headers: res.headers, text, told, bytes, sha256: hash.digest('hex') });
        });
        sent.on('error', reject).end(body);
      });
    }

    /** The headers that reached an app, as pairs. */
    const pairs = ({ headers }) => headers.filter((_, at) => at % 2 === 0).map((name, at) => [name, headers[2 * at + 1]]);
    const shown = async (window) => JSON.parse(await window.page.locator('#told').textContent());
    const cookieOf = async (window, index) => {
      const cookies = await window.context.cookies(origins[index]);
      return cookies.map(({ name, value }) => `${name}=${value}`).join('; ');
    };

    it('one login opens both hosts, at the exact address; one sign-out closes both', async () => {
      const window = await Window.open(browser);
      const { page } = window;
      const path = '/a%20b/page?q=1&next=%2F%2Fevil.test&c=d+e';
      await page.goto(origins[0] + path);
      assert.equal(page.url(), origins[0] + path);
      const first = await shown(window);
      assert.equal(first.url, path);
      const headers = Object.fromEntries(pairs(first).map(([name, value]) => [name.toLowerCase(), value]));
      assert.equal(headers['remote-email'], 'ada@example.org');
      assert.equal(headers['remote-name'], 'Ada Lovelace');
      assert.equal(headers['x-vestibule-auth'], 'user');
      const keys = jose.createRemoteJWKSet(new URL(`${place.issuer}/jwks`));
      const { payload } = await jose.jwtVerify(headers['x-vestibule-jwt'], keys, { issuer: place.issuer, audience: origins[0], typ: 'vestibule-gate+jwt', algorithms: ['ES256'], maxTokenAge: 300 });
      assert.equal(payload.sub, headers['remote-user']);
      await assert.rejects(jose.jwtVerify(headers['x-vestibule-jwt'], keys, { audience: origins[1] }));

      const logins = op.logins;
      await page.goto(`${origins[1]}/board`);
      assert.equal(page.url(), `${origins[1]}/board`);
      assert.equal(op.logins, logins, 'no second login');
      const second = Object.fromEntries(pairs(await shown(window)).map(([name, value]) => [name.toLowerCase(), value]));
      assert.notEqual(second['remote-user'], headers['remote-user']);

      const held = await cookieOf(window, 1);
      await page.goto(`${origins[0]}/.vestibule/logout`);
      await window.picture(`gate-sign-out-${kind}`);
      await page.getByRole('button', { name: 'Sign out' }).click();
      await page.waitForURL(`${place.issuer}/logout/done`);
      for (const index of [0, 1]) {
        const gone = await ask(index, '/', { headers: ['Cookie', held, 'Accept', 'application/json'] });
        assert.equal(gone.status, 401, NAMES[index]);
      }
      await window.close();
    });

    it('sends people to sign in, and tells scripts where people could', async () => {
      const person = await ask(0, '/x?y=z', { headers: ['Accept', 'text/html', 'Sec-Fetch-Mode', 'navigate'] });
      assert.equal(person.status, 302);
      assert.ok(person.headers.location.startsWith(`${origins[0]}/.vestibule/start?to=`), person.headers.location);
      for (const headers of [[], ['Accept', 'application/json'], ['Accept', 'text/html', 'X-Requested-With', 'XMLHttpRequest'], ['Accept', 'text/html', 'Sec-Fetch-Mode', 'cors']]) {
        const script = await ask(0, '/x', { headers });
        assert.equal(script.status, 401, headers.join());
        assert.equal(script.told().login_url, `${origins[0]}/.vestibule/start`);
      }
      assert.equal((await ask(0, '/x', { method: 'POST', headers: ['Accept', 'text/html', 'Content-Length', '1'], body: 'x' })).status, 401);
      const open = await ask(0, '/public/logo.svg');
      assert.equal(open.status, 200);
      const identity = pairs(open.told()).filter(([name, value]) => OURS.includes(spelled(name)) && value !== '');
      assert.deepEqual(identity.map(([name, value]) => [name.toLowerCase(), value]), [['x-vestibule-auth', 'anonymous']]);
    });

    it('lets no identity through that is not ours: 60 forged requests and more', async () => {
      const window = await Window.open(browser);
      await window.page.goto(`${origins[0]}/`);
      const cookie = await cookieOf(window, 0);
      await window.close();
      const forged = [];
      for (const name of [...OURS, 'x-auth-request-email'].slice(0, 6)) {
        const [dash, value] = [name, 'evil'];
        const upper = dash.toUpperCase();
        for (const spelling of [dash, upper, dash.replaceAll('-', '_'), upper.replaceAll('-', '_'), dash.replaceAll('-', '.'), dash.replace('-', '_')]) {
          forged.push([spelling, value]);
        }
        forged.push([dash, value, dash, `${value}2`], [dash, `${value}\t`], [dash, value, 'Connection', dash], [dash, value, 'Connection', `close, ${upper}`], ['Connection', dash]);
      }
      for (const [name, value] of [['X-Forwarded-Uri', '/public/x'], ['X-Forwarded-Method', 'GET'], ['X-Forwarded-Host', NAMES[1]], ['X-Forwarded-Proto', 'https'], ['X-Original-URL', `${origins[0]}/public/`], ['X-Original-Method', 'GET'], ['Forwarded', 'for=127.0.0.1;host=x'], ['X_Forwarded_Uri', '/public/x'], ['Connection', 'X-Forwarded-Uri, X-Original-URL, Cookie']]) {
        forged.push([name, value]);
      }
      assert.ok(forged.length >= 60, String(forged.length));
      let served = 0;
      for (const headers of forged) {
        for (const own of [true, false]) {
          const answer = await ask(0, '/', { headers: [...headers, 'Accept', 'application/json', ...(own ? ['Cookie', cookie] : [])] });
          const what = `${own ? 'signed in' : 'nobody'}: ${headers.join(' ')}`;
          assert.ok(answer.status < 500, `${what}: ${answer.status}`);
          if (!own) {
            assert.notEqual(answer.status, 200, what);
            continue;
          }
          if (answer.status !== 200) continue;
          served += 1;
          const told = pairs(answer.told()).filter(([name]) => OURS.includes(spelled(name)));
          const names = told.map(([name]) => spelled(name));
          assert.equal(new Set(names).size, names.length, `${what}: twice`);
          for (const [name, value] of told) assert.ok(!value.includes('evil') && name.toLowerCase() === spelled(name), `${what}: ${name}: ${value}`);
          assert.equal(told.find(([name]) => spelled(name) === 'remote-email')?.[1], 'ada@example.org', what);
        }
      }
      assert.ok(served > 40, `only ${served} were served`);
    });

    it('has one reading for each path', async () => {
      for (const path of ['/public/../x', '/public/%2e%2e/x', '/public/..;/x', '/public%2f..%2fx', '/public/%5c..%5cx', '//x', '/public//x', '/%2561', '/public/..%2fx', '/x?/public/', '/x%23/public/', '/x%3f/public/', '/PUBLIC/x', '/public/%00', '/public/%ff']) {
        const answer = await ask(0, path);
        assert.ok([400, 401, 403, 404].includes(answer.status), `${path}: ${answer.status}`);
      }
    });

    it('passes a WebSocket, a body and a large file untouched', async () => {
      const window = await Window.open(browser);
      const { page } = window;
      await page.goto(`${origins[0]}/`);
      const echoed = await page.evaluate(
        (url) =>
          new Promise((resolve, reject) => {
            const socket = new WebSocket(url);
            socket.onopen = () => socket.send('hello');
            socket.onmessage = ({ data }) => (socket.close(), resolve(data));
            socket.onerror = () => reject(new Error('no WebSocket'));
          }),
        `${origins[0].replace('http', 'ws')}/socket`,
      );
      assert.equal(echoed, 'hello');
      const cookie = await cookieOf(window, 0);
      await window.close();
      const requests = apps[0].requests;
      assert.match(await handshake(portOf(kind, port, 0), new URL(origins[0]).host), /^HTTP\/1\.1 401 /);
      assert.equal(apps[0].requests, requests, 'the app heard nothing of it');

      const body = randomBytes(3 * MIB);
      const posted = await ask(0, '/upload', { method: 'POST', headers: ['Cookie', cookie, 'Content-Length', String(body.length)], body });
      const { method, bytes, sha256 } = posted.told();
      assert.deepEqual([method, bytes, sha256], ['POST', body.length, createHash('sha256').update(body).digest('hex')]);

      const size = kind === 'nginx' ? 1024 * MIB : 32 * MIB;
      const file = await ask(0, `/download?size=${size}`, { headers: ['Cookie', cookie] });
      assert.deepEqual([file.bytes, file.sha256], [size, hashOf(size)]);
    });
  });
}

/** What a proxy says to a WebSocket of nobody's. */
function handshake(port, host) {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1');
    socket.write(`GET /socket HTTP/1.1\r\nHost: ${host}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: x3JJHMbDL1EzLkh9GBhXDw==\r\nSec-WebSocket-Version: 13\r\nAccept: text/html\r\n\r\n`);
    socket.once('data', (data) => (socket.destroy(), resolve(data.toString()))).once('error', reject);
  });
}

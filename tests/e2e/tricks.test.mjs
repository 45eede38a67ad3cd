// What nobody's client library would send: raw bytes through each proxy, as nobody and as somebody who may come in.
// Nobody reaches the app, and the app is told of nobody but who signed in.
import assert from 'node:assert/strict';
import { connect as connectHttp2 } from 'node:http2';
import { connect } from 'node:net';
import { after, before, describe, it } from 'node:test';
import { reserveBroker, startBroker } from './support/broker.mjs';
import { startEcho } from './support/echo.mjs';
import { sectionFor, startProvider } from './support/op.mjs';
import { freePort } from './support/process.mjs';
import { KINDS, startProxy } from './support/proxies.mjs';
import { launch, Window } from './support/window.mjs';

const NAME = 'wiki.localhost';
const OURS = ['remote-user', 'remote-email', 'remote-name', 'remote-groups', 'x-vestibule-auth', 'x-vestibule-jwt'];
/** What a gateway makes of a name (RFC 3875, section 4.1.18): every sign is the same sign. */
const LOOSE = (name) => name.toLowerCase().replaceAll(/[^a-z0-9]/g, '-');

/** Lines of header that would make somebody of a client, or another request of this one. */
function forgedLines() {
  const lines = [];
  for (const name of OURS) {
    const odd = [name.replaceAll('-', '_'), name.replaceAll('-', '.'), name.replace('-', ' '), name.replaceAll('-', '--'), `${name}-`, `-${name}`];
    for (const spelling of [...odd, name.toUpperCase(), name.replace(/^./, (c) => c.toUpperCase()), `${name} `, `${name}\t`, ` ${name}`, `${name}\0`]) {
      lines.push([`${spelling}: evil`]);
    }
    lines.push([`${name}: evil`, `${name}: evil2`], [`${name}:evil`, ` evil2`], ['X-Fold: a', ` ${name}: evil`], [`X-A: b\r${name}: evil`], [`X-A: b\n${name}: evil`]);
    lines.push([`${name}: evil`, `Connection: ${name}`], [`Connection: keep-alive, ${name.toUpperCase()}`], [`Connection: ${name}`, `Connection: close`], [`Trailer: ${name}`], [`TE: trailers, ${name}`]);
  }
  for (const name of ['X-Forwarded-Uri', 'X-Forwarded-Host', 'X-Forwarded-Proto', 'X-Forwarded-Method', 'X-Original-URL', 'X-Original-Method', 'X-Forwarded-For']) {
    const values = ['/public/x', 'evil.test', 'OPTIONS', 'https', '127.0.0.1'];
    lines.push(...values.map((value) => [`${name}: ${value}`]), values.map((value) => `${name}: ${value}`), [`${name.replaceAll('-', '_')}: /public/x`], [`${name}: /public/x`, `Connection: ${name}`]);
  }
  for (const more of ['Cookie', 'Authorization', 'Host', 'X-Forwarded-Host, X-Forwarded-Uri', 'Upgrade, X-Vestibule-Jwt', ',,,', 'x'.repeat(4000)]) lines.push([`Connection: ${more}`]);
  for (const more of ['X-HTTP-Method-Override: OPTIONS', 'X-Rewrite-URL: /public/x', 'Forwarded: for=127.0.0.1;host=evil.test;proto=https', 'Expect: 100-continue', 'Upgrade: h2c', 'Content-Length: 0']) lines.push([more]);
  return lines;
}

/** Targets that are public in one reading and not in another, or no targets at all. */
const TARGETS = [
  '/public/../x', '/public/./../x', '/public/%2e%2e/x', '/public/%2E%2e/x', '/public/.%2e/x', '/public/%2e./x', '/public/..;/x', '/public/..;a=b/x', '/public/;/../x', '/public;/../x',
  '/public;x/y', '/public%2f..%2fx', '/public%2F', '/public/%2f..%2f..%2fx', '/public\\..\\x', '/public/..\\x', '/public/%5c..%5cx', '/public/..%5cx', '//x', '//public/x', '///public/', '/public//x',
  '/public//../x', '/.//public/x', '/public/.', '/public/..', '/public/%00', '/public/%00/../x', '/x%00/public/', '/public/%0a', '/public/%0d%0aX:y', '/public/%09', '/public/%7f', '/public/%25', '/public/%252e%252e/x',
  '/%70ublic%2fx', '/%2561', '/%2fpublic/x', '/%2e/public/x', '/../public/x', '/./public/x', '/public/%', '/public/%4', '/public/%zz', '/public/%u002e%u002e/x', '/public/%c0%ae%c0%ae/x', '/public/%ff',
  '/public/%ef%bc%8e%ef%bc%8e/x', '/public/%e2%88%95..%e2%88%95x', '/public/%ef%bc%8fx', '/public/x#/../y', '/x#/public/', '/x%23/public/', '/x%3f/public/', '/x?/public/', '/x?..%2fpublic%2f', '/PUBLIC/x',
  '/Public/', '/public', '/public.x/', '/publicity', '/x/public/', '/x/..%2fpublic/', '/x/../public/', `/public/${'a/'.repeat(6000)}..`, `/${'x'.repeat(9000)}`, 'public/', '*', '?', '\\public\\', 'http://evil.test/x',
  'https://evil.test/x', 'http://evil.test@HOST/x', 'http://HOST:1/x', 'http://HOST.evil.test/x', 'HTTP://HOST/public/../x', 'ftp://HOST/x', 'javascript:alert(1)', '/public/\x01', '/public/\x7f/../x', '/public/\xff', '/ public/', '/public/ /x', '/public/\t/x',
];

/** Hosts that are not the one that is registered. */
const HOSTS = ['evil.test', 'HOST.evil.test', 'evilHOST', 'HOST..', '.HOST', 'x@HOST', 'HOST@evil.test', 'HOST,evil.test', 'HOST evil.test', 'HOST/public/', 'HOST#', 'HOST?', '[HOST]', 'wiki%2elocalhost', 'localhost', '127.0.0.1', '', 'HOST:1', 'HOST\\evil.test'];

/** What makes a proxy speak HTTP/2 without TLS; HAProxy does so by itself. */
const OVER_HTTP2 = {
  nginx: (text, port) => text.replace(`listen 127.0.0.1:${port};`, `listen 127.0.0.1:${port} http2;`),
  caddy: (text) => text.replace('admin off', 'admin off\n\tservers {\n\t\tprotocols h1 h2c\n\t}'),
  haproxy: (text) => text,
};

/** One request over HTTP/2; status 0 where it was refused without an answer. */
function ask2(port, headers) {
  return new Promise((resolve) => {
    const session = connectHttp2(`http://127.0.0.1:${port}`);
    const end = (status) => (session.destroy(), resolve(status));
    session.on('error', () => end(0));
    try {
      const stream = session.request(headers);
      stream.on('response', (answer) => end(answer[':status'])).on('error', () => end(0)).end();
    } catch {
      end(0);
    }
  });
}

/** Sends bytes as they are. The whole answer; empty where the proxy hung up without a word. */
function raw(port, text) {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => socket.write(Buffer.from(text, 'latin1')));
    const chunks = [];
    const end = () => (socket.destroy(), resolve(Buffer.concat(chunks).toString('latin1').replace(/^HTTP\/1\.1 100 [^]*?\r\n\r\n/, '')));
    socket.on('data', (chunk) => chunks.push(chunk)).on('close', end).on('error', end).setTimeout(700, end);
  });
}

for (const kind of KINDS) {
  describe(`tricks through ${kind}`, () => {
    let op, broker, app, proxy, port, host, cookie;
    before(async () => {
      const place = await reserveBroker();
      op = await startProvider({ redirectUri: place.callback('home') });
      app = await startEcho();
      port = await freePort();
      host = `${NAME}:${port}`;
      broker = await startBroker({
        place,
        listen: { trusted_proxies: ['127.0.0.1'] },
        providers: { home: sectionFor(op.issuer) },
        apps: { wiki: { name: 'Wiki', gate: `http://${host}`, consent: 'implicit', access: [{ path: '/public/', public: true }, { emails: ['*@example.org'] }], claims: { email: { need: 'required', why: 'To show who wrote a page.' } } } },
      });
      proxy = await startProxy(kind, { port, hosts: [{ name: NAME, app: app.port }], broker: broker.http });
      const browser = await launch();
      const window = await Window.open(browser);
      await window.page.goto(`http://${host}/`);
      cookie = (await window.context.cookies(`http://${host}`)).map(({ name, value }) => `${name}=${value}`).join('; ');
      await browser.close();
    });
    after(async () => {
      await proxy?.stop();
      await broker?.stop();
      await Promise.all([op, app].map((part) => part?.stop()));
    });

    const send = ({ target = '/x', at = host, lines = [] }) =>
      raw(port, [`GET ${target} HTTP/1.1`, `Host: ${at}`, 'Accept: application/json', 'Connection: close', ...lines, '', ''].join('\r\n'));
    const statusOf = (answer) => Number(answer.match(/^HTTP\/1\.[01] (\d{3})/)?.[1] ?? 0);

    /** As nobody: the app hears nothing, nobody is sent elsewhere, and nothing is at fault. */
    async function asNobody(what, request) {
      const heard = app.requests;
      const answer = await send(request);
      const status = statusOf(answer);
      assert.equal(app.requests, heard, `${what}: the app heard of it: ${answer.slice(0, 300)}`);
      // Caddy says 200 and nothing else for a host that it does not know.
      assert.ok(status < 500 || status === 501, `${what}: ${answer.slice(0, 300)}`);
      assert.ok(status !== 200 || answer.endsWith('\r\n\r\n'), `${what}: ${answer.slice(0, 300)}`);
      const location = answer.match(/^location: (.*)\r$/im)?.[1];
      assert.ok(!location || location.startsWith(`http://${host}/`) || location.startsWith('/'), `${what}: ${location}`);
    }

    it('makes nobody somebody by headers', async () => {
      const all = forgedLines();
      assert.ok(all.length >= 150, String(all.length));
      for (const lines of all) {
        await asNobody(JSON.stringify(lines), { lines });
        const answer = await send({ lines: [`Cookie: ${cookie}`, ...lines] });
        const what = `signed in: ${JSON.stringify(lines)}: ${answer.slice(0, 300)}`;
        if (statusOf(answer) !== 200) continue;
        const told = JSON.parse(answer.slice(answer.indexOf('{'), answer.lastIndexOf('}') + 1)).headers;
        const names = told.filter((_, index) => index % 2 === 0);
        const ours = names.flatMap((name, index) => (OURS.includes(LOOSE(name)) ? [[name, told[2 * index + 1]]] : []));
        assert.equal(new Set(ours.map(([name]) => LOOSE(name))).size, ours.length, what);
        for (const [name, value] of ours) assert.ok(OURS.includes(name.toLowerCase()) && !value.includes('evil'), `${name}: ${value}: ${what}`);
        assert.equal(ours.find(([name]) => name.toLowerCase() === 'remote-email')?.[1], 'ada@example.org', what);
      }
    });

    it('opens nothing by targets and hosts', async () => {
      assert.ok(TARGETS.length + HOSTS.length >= 100, String(TARGETS.length + HOSTS.length));
      for (const target of TARGETS) await asNobody(target.slice(0, 60), { target: target.replace('HOST', host) });
      for (const at of HOSTS) await asNobody(`Host: ${at}`, { at: at.replace('HOST', host) });
      for (const lines of [['Host: evil.test'], [`Host: ${host}`]]) await asNobody(`two hosts ${lines}`, { lines });
      for (const at of [host.toUpperCase(), NAME.toUpperCase() + host.slice(NAME.length)]) {
        const answer = await send({ at, lines: ['Accept: text/html'] });
        assert.ok([302, 401, 404, 421, 403].includes(statusOf(answer)) || statusOf(answer) === 0, `${at}: ${answer.slice(0, 200)}`);
      }
    });

    it('opens nothing over HTTP/2', async () => {
      await proxy.stop();
      proxy = await startProxy(kind, { port, hosts: [{ name: NAME, app: app.port }], broker: broker.http, change: (text) => OVER_HTTP2[kind](text, port) });
      const plain = { ':method': 'GET', ':path': '/x', ':scheme': 'http', ':authority': host, accept: 'application/json' };
      assert.equal(await ask2(port, { ...plain, cookie }), 200, 'it speaks HTTP/2');
      const lines = OURS.flatMap((name) => [name, name.replaceAll('-', '_'), name.replaceAll('-', '.')].map((spelling) => ({ [spelling]: 'evil' })));
      const told = ['/public/../x', '/public/%2e%2e/x', '//public/x', '/public;/../x', '*', 'public/', 'http://evil.test/public/../x', '/x#/public/'].map((path) => ({ ':path': path }));
      const hosts = ['evil.test', `x@${host}`, `${host}.evil.test`, ''].map((authority) => ({ ':authority': authority }));
      const more = [{ host: 'evil.test' }, { ':scheme': 'https' }, { ':scheme': 'ftp' }, { ':method': 'OPTIONS' }, { 'x-forwarded-uri': '/public/x' }, { 'x-original-url': `http://${host}/public/x` }];
      for (const change of [...lines, ...told, ...hosts, ...more]) {
        const heard = app.requests;
        const status = await ask2(port, { ...plain, ...change });
        const what = `${JSON.stringify(change)}: ${status}`;
        assert.equal(app.requests, heard, what);
        assert.ok(status < 500 || status === 501, what);
      }
    });
  });
}

// `vestibule doctor` before real proxies: content with what docs/gate/ says, and it names what somebody got wrong in it.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { BINARY, reserveBroker, startBroker } from './support/broker.mjs';
import { startEcho } from './support/echo.mjs';
import { sectionFor, startProvider } from './support/op.mjs';
import { freePort, Program } from './support/process.mjs';
import { KINDS, moved, startProxy } from './support/proxies.mjs';

const NAME = 'wiki.localhost';

/** What people get wrong: the fault's name, and words of the documented file with what stands there instead. */
const FAULTS = {
  nginx: {
    'the check is left out': ['gate.open', [['auth_request /.vestibule/check;', '']]],
    'an identity header is not set': ['gate.forged-arrives', [['proxy_set_header Remote-User      $vestibule_user;', '']]],
    'underscores in names are let through': ['gate.forged-arrives', [['client_max_body_size 0;', 'client_max_body_size 0; underscores_in_headers on;']]],
    'redirects of the gate are rewritten': ['gate.start-rewritten', [['proxy_redirect off;', '']]],
    'the pages of the gate are behind the check': ['gate.start-gated', [['location ^~ /.vestibule/ {', 'location ^~ /elsewhere/ {']]],
    'the pages of the gate lead to the app': ['gate.start-unrouted', [['location ^~ /.vestibule/ {', 'location ^~ /.vestibule/ { return 404; }\n location ^~ /elsewhere/ {']]],
    'cookies get a domain': ['gate.cookie', [['proxy_redirect off;', 'proxy_redirect off; proxy_cookie_path / "/; Domain=localhost";']]],
    'a 401 stays a 401': ['gate.stuck', [['error_page 401 = @sign_in;', '']]],
    'scripts are told nothing': ['gate.script-untold', [[`{"error":"login_required","login_url":"$scheme://$http_host/.vestibule/start"}`, '{}']]],
    'the port is lost': ['gate.untrusted', [['$scheme://$http_host$request_uri', '$scheme://$host$request_uri']]],
    'a client says what it asks for': ['gate.retold', [
      ['X-Original-URL $scheme://$http_host$request_uri', 'X-Original-URL $told'],
      ['map $http_upgrade $connection_upgrade {', 'map $http_x_original_url $told { default $http_x_original_url; "" $scheme://$http_host$request_uri; }\nmap $http_upgrade $connection_upgrade {'],
    ]],
    'the check goes nowhere': ['gate.broken', [['/gate/auth-request;', '/gate/forward-auth;'], ['error_page 403 = @denied;', 'error_page 403 = @away;']]],
  },
  caddy: {
    'the check is for another path': ['gate.open', [['forward_auth 127', 'forward_auth /private/* 127']]],
    'underscores are not taken away': ['gate.forged-arrives', [['\t\trequest_header -Remote*\n', '']]],
    'redirects of the gate are rewritten': ['gate.start-rewritten', [['reverse_proxy 127.0.0.1:BROKER', 'reverse_proxy 127.0.0.1:BROKER {\n header_down Location "http://127[^/]*" "http://other.test"\n }']]],
    'the pages of the gate are behind the check': ['gate.start-gated', [['handle /.vestibule/* {', 'handle /elsewhere/* {']]],
    'cookies get a domain': ['gate.cookie', [['reverse_proxy 127.0.0.1:BROKER', 'reverse_proxy 127.0.0.1:BROKER {\n header_down Set-Cookie "Path=/" "Path=/; Domain=localhost"\n }']]],
    'the check is asked as another host': ['gate.untrusted', [['uri /gate/forward-auth?', 'uri /gate/forward-auth?\n header_up X-Forwarded-Host other.test']]],
  },
  haproxy: {
    'the check is left out': ['gate.open', [['http-request lua.vestibule unless own', '']]],
    'identity headers are not taken away': ['gate.forged-arrives', [['http-request del-header ^(remote|x[-_.]vestibule)[-_.] -m reg', '']]],
    'redirects of the gate are rewritten': ['gate.start-rewritten', [['default_backend', 'http-response replace-header Location ^http://127[^/]*(.*) http://other.test\\1\n    default_backend']]],
    'the pages of the gate are behind the check': ['gate.start-gated', [['http-request lua.vestibule unless own', 'http-request lua.vestibule']]],
    'cookies get a domain': ['gate.cookie', [['default_backend', 'http-response replace-header Set-Cookie (.*) "\\1; Domain=localhost"\n    default_backend']]],
    'the scheme is another': ['gate.untrusted', [['X-Forwarded-Proto http\n', 'X-Forwarded-Proto https\n']]],
    'WebSockets go round the check': ['gate.websocket-open', [['http-request lua.vestibule unless own', 'http-request lua.vestibule unless own || { req.hdr(Upgrade) -m found }']]],
  },
};

for (const kind of KINDS) {
  describe(`the doctor before ${kind}`, () => {
    let op, broker, app, port;
    before(async () => {
      const place = await reserveBroker();
      op = await startProvider({ redirectUri: place.callback('home') });
      app = await startEcho();
      port = await freePort();
      broker = await startBroker({
        place,
        listen: { trusted_proxies: ['127.0.0.1'] },
        providers: { home: sectionFor(op.issuer) },
        apps: { wiki: { name: 'Wiki', gate: `http://${NAME}:${port}`, access: [{ path: '/public/', public: true }, { emails: ['*@example.org'] }], claims: { email: { need: 'required', why: 'To show who wrote a page.' } } } },
      });
    });
    after(async () => {
      await broker?.stop();
      await Promise.all([op, app].map((part) => part?.stop()));
    });

    /** What the doctor says of the proxy with such a configuration. */
    async function examine(change) {
      const proxy = await startProxy(kind, { port, hosts: [{ name: NAME, app: app.port }], broker: broker.http, change });
      const doctor = new Program(BINARY, ['doctor', '--json', '--config', join(broker.folder, 'vestibule.toml')]);
      const { code } = await doctor.ended;
      await proxy.stop();
      assert.ok(doctor.stdout, doctor.stderr);
      return { code, ...JSON.parse(doctor.stdout) };
    }

    it('finds nothing wrong with what docs/gate says', async () => {
      const { code, ok, looked_at: looked, findings } = await examine();
      assert.deepEqual([code, ok, findings], [0, true, []]);
      assert.ok(looked.includes(`http://${NAME}:${port}`), looked.join());
    });

    for (const [what, [fault, words]] of Object.entries(FAULTS[kind])) {
      it(`names it when ${what}`, async () => {
        const { code, ok, findings } = await examine((text) => moved(text, words.map((pair) => pair.map((word) => word.replaceAll('BROKER', broker.http)))));
        const names = [...new Set(findings.map(({ id }) => id))];
        assert.deepEqual([code, ok], [1, false]);
        assert.ok(names.includes(fault), `${fault}: ${JSON.stringify(findings, null, 1)}`);
      });
    }
  });
}

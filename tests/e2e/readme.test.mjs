// What README.md tells somebody to do who wants an app of their own, done: its commands, its configuration, its code.
import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { after, before, describe, it } from 'node:test';
import { BINARY } from './support/broker.mjs';
import { DOCS, moved } from './support/examples.mjs';
import { freePort, Program } from './support/process.mjs';
import { launch, Window } from './support/window.mjs';

const HERE = dirname(fileURLToPath(import.meta.url));
const GOOGLE = { id: 'readme.apps.googleusercontent.com', secret: 'what-the-console-of-google-says' };

describe('five minutes to your own app', () => {
  const cleanup = [];
  let folder, ports, chromium;
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'vestibule-readme-'));
    ports = { broker: await freePort(), management: await freePort(), app: await freePort(), google: await freePort() };
    chromium = await launch();
  });
  after(async () => {
    await chromium?.close();
    for (const stop of cleanup.reverse()) await stop();
    await rm(folder, { recursive: true });
  });

  const start = (...args) => new Program(BINARY, args, { cwd: folder, env: { GOOGLE_CLIENT_SECRET: GOOGLE.secret } });
  /** What a command answers. */
  async function run(...args) {
    const program = start(...args);
    assert.equal((await program.ended).code, 0, program.stderr);
    return program.stdout;
  }

  it('works as it is written', async () => {
    const readme = await readFile(join(DOCS, '../README.md'), 'utf8');
    const [section] = readme.split('## Five minutes')[1].split('\n## ');
    const blocks = [...section.matchAll(/^ {3}```(\w+)\n([\s\S]*?)^ {3}```$/gm)].map(([, of, text]) => [of, text.replace(/^ {3}/gm, '')]);
    const { sh, toml, js } = Object.fromEntries(blocks);
    const places = [['localhost:8080', `localhost:${ports.broker}`], ['localhost:3000', `localhost:${ports.app}`]];

    let printed;
    for (const line of moved(sh, places.slice(1)).split('\n')) {
      const [command, ...args] = line.split('#')[0].trim().split(/\s+/);
      if (command === 'vestibule') printed = await run(...args);
    }
    const secret = printed.match(/^# (vst_a_\S+)$/m)[1];
    const hash = printed.match(/^secret_sha256 = "(\w{64})"$/m)[1];

    const file = join(folder, 'vestibule.toml');
    const [issuer, ...rest] = toml.split('\n');
    const begun = await readFile(file, 'utf8');
    assert.ok(begun.includes(issuer.split(' #')[0].trim()), 'which has the first line already');
    const simulated = `kind = "google"\nissuer = "http://127.0.0.1:${ports.google}"\nallow_loopback = true`;
    const added = moved(rest.join('\n'), [
      ['kind = "google"', simulated],
      ['….apps.googleusercontent.com', GOOGLE.id],
      ['secret_sha256 = "…"', `secret_sha256 = "${hash}"`],
      places[1],
    ]);
    const listening = [['127.0.0.1:8080', `127.0.0.1:${ports.broker}`], ['127.0.0.1:9090', `127.0.0.1:${ports.management}`]];
    await writeFile(file, `${moved(begun, [...listening, places[0]])}\n${added}`);
    assert.match(await run('check'), /configuration is fine/);

    const google = start('simulate', 'google', '--port', `${ports.google}`, '--client-id', GOOGLE.id, '--client-secret', GOOGLE.secret);
    cleanup.push(() => google.stop('SIGINT'));
    await google.ready(() => google.stdout.includes('Ctrl-C'));
    const broker = start('serve');
    cleanup.push(() => broker.stop());
    await broker.ready(async () => (await fetch(`http://127.0.0.1:${ports.management}/readyz`)).ok);
    const app = createServer((_req, res) => res.end('An app.')).listen(ports.app);
    cleanup.push(() => new Promise((closed) => app.close(closed).closeAllConnections()));

    // The code is that of two requests. What it needs lies beside this file.
    process.env.NOTES_SECRET = secret;
    const [leave, back] = moved(js, places).split(/^(?=\/\/ At \/callback)/m);
    const copy = await mkdtemp(join(HERE, '.out-'));
    cleanup.push(() => rm(copy, { recursive: true }));
    await writeFile(join(copy, 'app.mjs'), `${leave}\nexport { url };\nexport async function callback(currentUrl) {\n${back}\nreturn tokens;\n}`);
    const { url, callback } = await import(join(copy, 'app.mjs'));

    const { page } = await Window.open(chromium);
    await page.goto(`${url}`);
    await page.getByRole('button', { name: 'Ada Lovelace' }).click();
    await page.getByText('To send you the notes that you share.').waitFor();
    await page.locator('main form button[name=answer]').first().click();
    await page.getByText('An app.').waitFor();
    const tokens = await callback(new URL(page.url()));
    assert.equal(tokens.claims().email, 'ada.lovelace@gmail.com');
    assert.ok(tokens.claims().sub);
  });
});

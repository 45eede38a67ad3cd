// Debian's Apache with mod_auth_openidc, as docs/apps/apache.conf sets it up, moved to a free port on loopback.
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DOCS, moved } from './examples.mjs';
import { Program } from './process.mjs';

const MODULES = '/usr/lib/apache2/modules';
const LOADED = ['mpm_event', 'authn_core', 'authz_core', 'authz_user', 'proxy', 'proxy_http', 'auth_openidc'];

/** `app` is the port of the app behind it. */
export async function startApache({ port, issuer, secret, app }) {
  const folder = await mkdtemp(join(tmpdir(), 'vestibule-apache-'));
  const home = `http://localhost:${port}/`;
  const site = moved(await readFile(join(DOCS, 'apps/apache.conf'), 'utf8'), [
    ['https://login.example.com', issuer],
    ['https://wiki.example.com/', home],
    ['http://127.0.0.1:3000/', `http://127.0.0.1:${app}/`],
  ]);
  const main = [
    `ServerRoot ${folder}`,
    `PidFile ${folder}/pid`,
    `DefaultRuntimeDir ${folder}`,
    'ServerName localhost',
    // As root Apache works as somebody else; as anybody else it ignores this.
    'User www-data',
    'Group www-data',
    `Listen 127.0.0.1:${port}`,
    `ErrorLog ${folder}/log`,
    ...LOADED.map((name) => `LoadModule ${name}_module ${MODULES}/mod_${name}.so`),
    site,
  ];
  await writeFile(join(folder, 'apache2.conf'), main.join('\n'));
  const program = new Program('/usr/sbin/apache2', ['-D', 'FOREGROUND', '-f', join(folder, 'apache2.conf')], {
    env: { CLIENT_SECRET: secret, SESSION_PASSPHRASE: 'only for tests, and long enough' },
  });
  const remove = () => rm(folder, { recursive: true, force: true });
  await program.ready(async () => (await fetch(`${home}bye`)).ok).catch(async (error) => {
    await program.stop();
    await remove();
    throw error;
  });
  return { home, log: () => readFile(join(folder, 'log'), 'utf8'), stop: () => program.stop().finally(remove) };
}

// Debian's nginx, Caddy and HAProxy with the configurations of docs/gate/, moved to free ports on loopback.
import { mkdtemp, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Program } from './process.mjs';

const DOCS = fileURLToPath(new URL('../../../docs/gate/', import.meta.url));
const document = (name) => readFile(join(DOCS, name), 'utf8');

/** Replaces each word, all of which must be there. */
export function moved(text, words) {
  for (const [from, to] of words) {
    if (!text.includes(from)) throw new Error(`docs/gate: no ${from}`);
    text = text.replaceAll(from, to);
  }
  return text;
}

const PROXIES = {
  async nginx({ port, hosts, broker, folder, change }) {
    const one = await document('nginx.conf');
    const servers = hosts.map(({ name, app }) =>
      moved(one, [
        ['listen 443 ssl;', `listen 127.0.0.1:${port};`],
        ['    ssl_certificate     /etc/ssl/wiki.example.com.pem;\n', ''],
        ['    ssl_certificate_key /etc/ssl/wiki.example.com.key;\n', ''],
        ['wiki.example.com', name],
        ['127.0.0.1:8080', `127.0.0.1:${broker}`],
        ['127.0.0.1:3000', `127.0.0.1:${app}`],
      ]),
    );
    const paths = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map((name) => `${name}_temp_path ${folder}/${name};`).join('\n');
    const main = `daemon off; worker_processes 1; pid ${folder}/pid; error_log stderr warn;
      events {} http { access_log off; ${paths}\n${await document('nginx-map.conf')}\n${servers.join('\n')} }`;
    await writeFile(join(folder, 'nginx.conf'), change(main));
    return ['nginx', ['-p', folder, '-e', 'stderr', '-c', join(folder, 'nginx.conf')]];
  },

  async caddy({ port, hosts, broker, folder, change }) {
    const one = await document('Caddyfile');
    const sites = hosts.map(({ name, app }) =>
      moved(one, [
        ['\nwiki.example.com {', `\nhttp://${name}:${port} {\n\tbind 127.0.0.1`],
        ['127.0.0.1:8080', `127.0.0.1:${broker}`],
        ['127.0.0.1:3000', `127.0.0.1:${app}`],
      ]),
    );
    await writeFile(join(folder, 'Caddyfile'), change(`{\n\tadmin off\n\tauto_https off\n}\n${sites.join('\n')}`));
    return ['caddy', ['run', '--config', join(folder, 'Caddyfile'), '--adapter', 'caddyfile']];
  },

  async haproxy({ port, hosts, broker, folder, change }) {
    await writeFile(join(folder, 'vestibule.lua'), await document('vestibule.lua'));
    const one = await document('haproxy.cfg');
    const at = one.indexOf('frontend wiki');
    const head = moved(one.slice(0, at), [['/etc/haproxy/vestibule.lua', join(folder, 'vestibule.lua')]]);
    const parts = hosts.map(({ name, app }, index) =>
      moved(one.slice(at), [
        ['bind :443 ssl crt /etc/ssl/wiki.example.com.pem', `bind 127.0.0.1:${port + index}`],
        ['hdr(host) -i wiki.example.com', `hdr(host) -i ${name}:${port + index}`],
        ['X-Forwarded-Proto https', 'X-Forwarded-Proto http'],
        ['frontend wiki', `frontend ${name}`],
        ['use_backend vestibule if own', `use_backend vestibule${index} if own`],
        ['\nbackend vestibule', `\nbackend vestibule${index}`],
        ['default_backend app', `default_backend app${index}`],
        ['\nbackend app', `\nbackend app${index}`],
        ['127.0.0.1:8080', `127.0.0.1:${broker}`],
        ['127.0.0.1:3000', `127.0.0.1:${app}`],
      ]),
    );
    await writeFile(join(folder, 'haproxy.cfg'), change(head + parts.join('\n')));
    return ['haproxy', ['-db', '-f', join(folder, 'haproxy.cfg')]];
  },
};

export const KINDS = Object.keys(PROXIES);

/** Where the n-th host of a proxy listens: HAProxy's file has a frontend for each. */
export const portOf = (kind, port, index) => (kind === 'haproxy' ? port + index : port);

/**
 * Starts one. `hosts` are names with the port of the app behind each; `change` makes another configuration of the one
 * that is documented.
 */
export async function startProxy(kind, { port, hosts, broker, change = (text) => text }) {
  const folder = await mkdtemp(join(tmpdir(), `vestibule-${kind}-`));
  await mkdir(join(folder, 'logs'));
  const [command, args] = await PROXIES[kind]({ port, hosts, broker, folder, change });
  const program = new Program(command, args, { cwd: folder, env: { HOME: folder, XDG_DATA_HOME: folder, XDG_CONFIG_HOME: folder } });
  const listens = (at) =>
    new Promise((resolve, reject) => {
      const socket = connect(at, '127.0.0.1', () => resolve(socket.destroy()));
      socket.on('error', reject);
    });
  const last = portOf(kind, port, hosts.length - 1);
  await program.ready(async () => (await listens(port), await listens(last), true));
  return {
    program,
    async stop() {
      await program.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

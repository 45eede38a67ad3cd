// The files of docs/apps and docs/verify as somebody runs them who copied them: unchanged, beside what they import.
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Program } from './process.mjs';

const HERE = fileURLToPath(new URL('../', import.meta.url));
/** Where the documents are. */
export const DOCS = fileURLToPath(new URL('../../../docs/', import.meta.url));
const PYTHON = join(HERE, '.venv/bin/python');
const TARGET = fileURLToPath(new URL('../../../target/', import.meta.url));
// Built by `cargo test`, as every example.
const RUST = join(TARGET, 'debug/examples');
const require = createRequire(import.meta.url);

/** The text with each word replaced, all of which must be there. */
export function moved(text, words) {
  for (const [from, to] of words) {
    if (!text.includes(from)) throw new Error(`docs: no ${from}`);
    text = text.replaceAll(from, to);
  }
  return text;
}

/** A copy of a script below the folder that has what npm installed: Node looks for that beside the script. */
export async function copied(path) {
  const folder = await mkdtemp(join(HERE, '.out-'));
  await cp(join(DOCS, path), join(folder, 'copy.mjs'));
  return { file: join(folder, 'copy.mjs'), remove: () => rm(folder, { recursive: true }) };
}

/** Starts an example that is a server, and waits until it answers at `home`. */
async function serving(command, args, options, home) {
  const program = new Program(command, args, options);
  await program.ready(async () => (await fetch(home)).ok);
  return program;
}

export async function startNode(port, env) {
  const { file, remove } = await copied('apps/web.mjs');
  const home = `http://localhost:${port}/`;
  const program = await serving(process.execPath, [file], { env: { ...env, REDIRECT_URI: `${home}callback` } }, home);
  return { home, program, stop: () => program.stop().finally(remove) };
}

export async function startFlask(port, env) {
  const home = `http://localhost:${port}/`;
  const args = ['-m', 'flask', '--app', 'web', 'run', '--port', `${port}`];
  const options = { cwd: join(DOCS, 'apps'), env: { ...env, SECRET_KEY: 'only for tests', PYTHONDONTWRITEBYTECODE: '1' } };
  const program = await serving(PYTHON, args, options, home);
  return { home, program, stop: () => program.stop() };
}

export async function startGo(port, env) {
  const home = `http://localhost:${port}/`;
  const command = await built('web', { 'web/main.go': join(DOCS, 'apps/web.go') });
  const program = await serving(command, [], { env: { ...env, HOME_URL: home, ADDRESS: `localhost:${port}` } }, home);
  return { home, program, stop: () => program.stop() };
}

export async function startRuby(port, env) {
  const home = `http://localhost:${port}/`;
  const args = ['--quiet', '--host', 'localhost', '--port', `${port}`, join(DOCS, 'apps/web.ru')];
  const program = await serving('rackup', args, { env: { ...env, HOME_URL: home, SECRET_KEY: 'only for tests '.repeat(5) } }, home);
  return { home, program, stop: () => program.stop() };
}

/** The native apps: they print the address that they would open. */
export const NATIVE = {
  Python: (env) => new Program(PYTHON, ['-u', join(DOCS, 'apps/native.py')], { env: { ...env, BROWSER: 'echo %s' } }),
  Rust: (env) => new Program(join(RUST, 'native'), [], { env }),
};

/** The page, served with the library beside it as a host of static files does. */
export async function startPage(port, issuer) {
  const page = moved(await readFile(join(DOCS, 'apps/browser.html'), 'utf8'), [['https://login.example.com', issuer]]);
  const library = await readFile(require.resolve('oidc-client-ts').replace(/dist\/.*$/, 'dist/browser/oidc-client-ts.min.js'));
  const server = createServer((req, res) => {
    if (req.url === '/favicon.ico') return res.writeHead(204).end();
    if (req.url === '/oidc-client-ts.min.js') return res.writeHead(200, { 'content-type': 'text/javascript' }).end(library);
    return res.writeHead(200, { 'content-type': 'text/html' }).end(page);
  });
  await once(server.listen(port, '127.0.0.1'), 'listening');
  const stop = () => {
    server.closeAllConnections();
    return new Promise((closed) => server.close(closed));
  };
  return { home: `http://127.0.0.1:${port}/`, stop };
}

// Where Debian packs Go's libraries. It may have older ones: what the examples use of them is the same, by another name.
const PACKED = '/usr/share/gocode';
const OLDER = [
  ['github.com/coreos/go-oidc/v3/oidc', 'github.com/coreos/go-oidc'],
  ['github.com/go-jose/go-jose/v3', 'gopkg.in/square/go-jose.v2'],
];

/** Builds a Go program of these files, by where they belong below GOPATH's `src`, with the libraries that Debian packs. */
export async function built(name, files) {
  const folder = join(TARGET, 'go', name);
  const missing = OLDER.filter(([newer]) => !existsSync(join(PACKED, 'src', newer)));
  for (const [path, file] of Object.entries(files)) {
    const text = await readFile(file, 'utf8');
    await mkdir(dirname(join(folder, 'src', path)), { recursive: true });
    await writeFile(join(folder, 'src', path), moved(text, missing.filter(([newer]) => text.includes(newer))));
  }
  const env = { GO111MODULE: 'off', GOPATH: `${folder}:${PACKED}`, GOCACHE: join(TARGET, 'go/cache'), CGO_ENABLED: '0' };
  const build = new Program('go', ['build', '-o', join(folder, name), name], { env });
  const { code } = await build.ended;
  if (code !== 0) throw new Error(`go build ${name}: ${build.stderr}`);
  return join(folder, name);
}

/**
 * The services of docs/verify. Each says of a token what it has in it, as JSON, or `refused: ` and why. `ages` are seconds:
 * how long keys are fresh, and after how long an unknown one is looked for again.
 */
export const SERVICES = {
  async Node(issuer, audience, ...ages) {
    const { file, remove } = await copied('verify/verify.mjs');
    const [fresh, coolDown] = ages;
    const check = (await import(file)).verifier(issuer, audience, { fresh, coolDown });
    const say = ({ sub, client_id }) => JSON.stringify({ sub, client_id });
    return { verify: (token) => check(token).then(say, (error) => `refused: ${error.message}`), stop: remove };
  },
  Python: (...args) => lines(PYTHON, [join(HERE, 'support/service.py'), ...args]),
  async Go(...args) {
    const files = { 'verify/verify.go': join(DOCS, 'verify/verify.go'), 'service/main.go': join(HERE, 'support/service.go') };
    return lines(await built('service', files), args);
  },
  Rust: (...args) => lines(join(RUST, 'verify'), args),
};

/** A program that answers each line with a line. */
async function lines(command, args) {
  const program = new Program(command, args, { stdin: 'pipe' });
  let seen = 0;
  return {
    async verify(token) {
      program.child.stdin.write(`${token}\n`);
      seen += 1;
      await program.ready(() => program.stdout.split('\n').length > seen);
      return program.stdout.split('\n')[seen - 1];
    },
    stop: () => program.stop(),
  };
}

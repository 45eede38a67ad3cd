// The broker as an operator runs it: the built program, a configuration file, free ports.
import { createHash, randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { freePort, Program, until } from './process.mjs';

/** The program under test; another one by VESTIBULE_BIN. */
export const BINARY = process.env.VESTIBULE_BIN ?? fileURLToPath(new URL('../../../target/debug/vestibule', import.meta.url));

/** What the log says when a configuration was read anew. */
const RELOADED = 'the configuration was read again';

export const sha256 = (secret) => createHash('sha256').update(secret).digest('hex');

/** Takes a free port and says what will be where, so that providers and apps can be told before the start. */
export async function reserveBroker() {
  const [http, management] = [await freePort(), await freePort()];
  const issuer = `http://127.0.0.1:${http}`;
  return { http, management, issuer, callback: (provider) => `${issuer}/callback/${provider}` };
}

/**
 * Starts `vestibule serve`. `config` has the sections of the configuration as plain objects (`providers`, `apps`,
 * `lifetimes`, …), `more` is TOML as it is; issuer, listeners, secrets and, where none is given, a store are added.
 */
export async function startBroker({ place, store, secrets, listen, more = '', ...config }) {
  if (!existsSync(BINARY)) throw new Error(`${BINARY} is missing: cargo build`);
  const folder = await mkdtemp(join(tmpdir(), 'vestibule-e2e-'));
  const file = join(folder, 'vestibule.toml');
  const sections = {
    listen: { http: `127.0.0.1:${place.http}`, management: `127.0.0.1:${place.management}`, ...listen },
    store: { url: store ?? `sqlite://${join(folder, 'vestibule.db')}` },
    secrets: secrets ?? { master: fresh(), pepper: fresh() },
    ...config,
  };
  await writeFile(file, `issuer = ${JSON.stringify(place.issuer)}\n${toml(sections)}\n${more}`, { mode: 0o600 });

  const program = new Program(BINARY, ['serve', '--config', file], { cwd: folder });
  const readyz = `http://127.0.0.1:${place.management}/readyz`;
  const remove = () => rm(folder, { recursive: true, force: true });
  await program.ready(async () => (await fetch(readyz)).ok, 30).catch(async (error) => {
    await program.stop();
    await remove();
    throw error;
  });
  return {
    ...place,
    folder,
    program,
    get log() {
      return program.stdout + program.stderr;
    },
    /** Changes the text of the configuration and has it read anew, as an operator does. */
    async reload(change) {
      await writeFile(file, change(await readFile(file, 'utf8')), { mode: 0o600 });
      const seen = program.stderr.split(RELOADED).length;
      program.child.kill('SIGHUP');
      await until(() => program.stderr.split(RELOADED).length > seen, { what: 'the configuration is read anew' });
    },
    /** Ends it as an operator would. */
    async stop() {
      const end = await program.stop();
      await remove();
      return end;
    },
  };
}

const fresh = () => randomBytes(32).toString('base64url');

/** Nested objects as TOML: a table for each object of objects, everything else inline. */
export function toml(sections, path = []) {
  const isTable = (value) => value !== null && typeof value === 'object' && !Array.isArray(value);
  return Object.entries(sections)
    .map(([name, section]) => {
      const here = [...path, /^[A-Za-z0-9_-]+$/.test(name) ? name : JSON.stringify(name)];
      const entries = Object.entries(section);
      if (path.length === 0 && entries.length > 0 && entries.every(([, value]) => isTable(value))) return toml(section, here);
      const lines = entries.map(([key, value]) => `${key} = ${inline(value)}\n`);
      return `\n[${here.join('.')}]\n${lines.join('')}`;
    })
    .join('');
}

// Strings, numbers and booleans of JSON are TOML as they are.
function inline(value) {
  if (Array.isArray(value)) return `[${value.map(inline).join(', ')}]`;
  if (value === null || typeof value !== 'object') return JSON.stringify(value);
  return `{ ${Object.entries(value).map(([key, inner]) => `${key} = ${inline(inner)}`).join(', ')} }`;
}

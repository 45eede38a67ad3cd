// A Redis of our own, on a free port, that keeps nothing.
import { mkdtemp, rm } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort, Program } from './process.mjs';

export async function startRedis() {
  const port = await freePort();
  const folder = await mkdtemp(join(tmpdir(), 'vestibule-redis-'));
  const options = { port, bind: '127.0.0.1', dir: folder, save: '', appendonly: 'no', 'maxmemory-policy': 'noeviction' };
  const program = new Program('redis-server', Object.entries(options).flatMap(([key, value]) => [`--${key}`, `${value}`]));
  await program.ready(() => ping(port));
  return {
    url: `redis://127.0.0.1:${port}/0`,
    async stop() {
      await program.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

function ping(port) {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => socket.write('PING\r\n'));
    socket.once('data', (answer) => resolve(answer.toString().startsWith('+PONG')) ?? socket.destroy());
    socket.once('error', () => resolve(false));
  });
}

// Programs that the tests start, and always end.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';

const running = new Set();
process.on('exit', () => running.forEach((child) => child.kill('SIGKILL')));

/** The first of `span` ports on loopback that nobody listens on, below those that the system gives to connections. */
export async function freePort(span = 1) {
  for (;;) {
    const first = 20_000 + Math.floor(Math.random() * 10_000);
    const servers = Array.from({ length: span }, (_, at) => createServer().listen(first + at, '127.0.0.1'));
    const opened = await Promise.allSettled(servers.map((server) => once(server, 'listening')));
    await Promise.all(servers.map((server) => new Promise((closed) => server.close(closed))));
    if (opened.every(({ status }) => status === 'fulfilled')) return first;
  }
}

/** Asks until the answer is true-ish, and gives it back; asking may fail until then. */
export async function until(ask, { what, seconds = 20, died = () => undefined }) {
  const end = Date.now() + seconds * 1000;
  for (;;) {
    const answer = await Promise.resolve().then(ask).catch(() => undefined);
    if (answer) return answer;
    const death = died();
    if (death) throw new Error(`${what}: ${death}`);
    if (Date.now() > end) throw new Error(`${what}: not within ${seconds} s`);
    await pause(25);
  }
}

/** A started program: what it printed, and how to end it. */
export class Program {
  stdout = '';
  stderr = '';

  constructor(command, args, { env = {}, cwd, stdin = 'ignore' } = {}) {
    this.name = [command, ...args].join(' ');
    this.child = spawn(command, args, { cwd, env: { ...process.env, ...env }, stdio: [stdin, 'pipe', 'pipe'] });
    running.add(this.child);
    for (const stream of ['stdout', 'stderr']) {
      this.child[stream].setEncoding('utf8').on('data', (text) => (this[stream] += text));
    }
    this.ended = new Promise((resolve) => {
      this.child.once('error', (error) => resolve({ code: null, error }));
      this.child.once('close', (code, signal) => resolve({ code, signal }));
    }).then((end) => {
      running.delete(this.child);
      return (this.end = end);
    });
  }

  /** Waits for `ask`; if the program ends first, that is an error that shows its last words. */
  ready(ask, seconds) {
    const died = () => this.end && `ended (${JSON.stringify(this.end)})\n${this.stdout}\n${this.stderr}`;
    return until(ask, { what: this.name, seconds, died });
  }

  /** Ends it as an operator would, and gives back how it ended. */
  async stop(signal = 'SIGTERM') {
    if (!this.end) this.child.kill(signal);
    const timer = setTimeout(() => this.child.kill('SIGKILL'), 15_000);
    const end = await this.ended;
    clearTimeout(timer);
    return end;
  }
}

// `vestibule demo`, as somebody starts it who has just cloned this.
import assert from 'node:assert/strict';
import { BINARY } from './broker.mjs';
import { Program } from './process.mjs';

/** Starts it, and reads where to click: the addresses by their names in small letters. */
export async function startDemo() {
  const program = new Program(BINARY, ['demo']);
  await program.ready(() => program.stdout.includes('Ctrl-C'), 60);
  const named = [...program.stdout.matchAll(/^\s*(\w+)\s+(http:\/\/\S+)/gm)];
  return {
    places: Object.fromEntries(named.map(([, name, url]) => [name.toLowerCase(), url])),
    async stop() {
      const end = await program.stop('SIGINT');
      assert.equal(end?.code, 0, program.stderr);
    },
  };
}

// The command that a hub hands out: what is in it works, and what is not says where it is.

import { Readable, Writable } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { hubCommands } from './hub-commands.ts';
import { machineCommands } from './machine-commands.ts';
import { main, wholeOnly } from './packed.ts';

async function run(...words: string[]): Promise<{ code: number; out: string; err: string }> {
  const written = { out: '', err: '' };
  const into = (name: 'out' | 'err'): Writable =>
    new Writable({
      write(chunk, _encoding, done) {
        written[name] += String(chunk);
        done();
      },
    });
  const streams = { stdin: Readable.from(['']), stdout: into('out'), stderr: into('err') };
  const code = await main(words, { ...streams, env: {}, directory: '/' });
  return { code, ...written };
}

describe('the packed command', () => {
  it('knows every command it does not have, and says where that is', async () => {
    const isHere = new Set(machineCommands.map(({ words }) => words));
    const beginnings = hubCommands.map(({ words }) => {
      const [first = ''] = words.split(' ');
      return isHere.has(first) ? words : first;
    });
    expect(wholeOnly).toEqual([...new Set(beginnings)]);
    for (const word of wholeOnly) {
      const { code, out, err } = await run(...word.split(' '), '--help');
      expect({ code, out }).toEqual({ code: 1, out: '' });
      expect(err).toMatch(
        new RegExp(`^"telltale ${word}" is not in this command, .* where the hub is installed\\.\n$`),
      );
    }
  });

  it('shows its help and its version', async () => {
    expect((await run('agent', '--help')).out).toContain('Usage: telltale agent [flags]');
    expect((await run('--help')).out).toContain('Usage: telltale <command>');
    expect(await run('--version')).toEqual({ code: 0, out: '0.1.0\n', err: '' });
  });
});

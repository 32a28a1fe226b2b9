// `telltale agent` as far as it goes without a hub: what is wrong with how it was asked, each in its own words.

import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable, Writable } from 'node:stream';
import { describe, expect, it, onTestFinished } from 'vitest';
import { readBytes } from './byte-size.ts';
import { dispatch } from './dispatch.ts';
import { machineCommands } from './machine-commands.ts';

async function agent(...words: string[]): Promise<{ code: number; written: string }> {
  const directory = mkdtempSync(join(tmpdir(), 'telltale-'));
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
  let written = '';
  const output = new Writable({
    write(chunk, _encoding, done) {
      written += String(chunk);
      done();
    },
  });
  const code = await dispatch(machineCommands, ['agent', ...words], {
    stdin: Readable.from(['']),
    stdout: output,
    stderr: output,
    env: { TELLTALE_AGENT_DIR: directory },
    directory,
  });
  return { code, written };
}

const token = `ten_${'x'.repeat(43)}`;

const logs = (count: number): string[] =>
  Array.from({ length: count }, (_, index) => ['--log', `/var/log/${index}.log`]).flat();

describe('the agent command', () => {
  it.each<[string[], number, string]>([
    [['--enrol', 'ten_short', '--hub', 'http://localhost:1'], 2, '--enrol: found 9 characters'],
    [['--enrol', token], 2, '--enrol needs --hub'],
    [['--enrol', token, '--hub', 'http://127.0.0.1:1'], 1, 'no hub answers at http://127.0.0.1:1 (ECONNREFUSED)'],
    [['--hub', 'ops.example.com'], 2, '--hub: found "ops.example.com", expected an address like'],
    [['--name', '../x'], 2, '--name: found "../x"'],
    [['--spool', '64'], 2, '--spool: found "64", expected a size from 1MB on'],
    [['--spool', '64MB', '--spool', '1MB'], 2, '--spool was given twice'],
    [['--log', ''], 2, '--log needs a value'],
    [logs(65), 2, '--log: found 65 files, expected at most 64'],
    [[...logs(64), ...logs(64)], 1, 'No agent has been enrolled in'],
    [['enrol'], 2, 'does not know what to do with "enrol"'],
    [[], 1, 'No agent has been enrolled in'],
    [['--name', 'web-1'], 1, 'No agent web-1 has been enrolled in'],
    [['--help'], 0, '--log <file> …'],
  ])('says what is wrong with %j', async (words, code, text) => {
    const ended = await agent(...words);
    expect(ended.written).toContain(text);
    expect(ended.code).toBe(code);
    expect(ended.written).not.toMatch(/^ +at /m);
    expect(ended.written).not.toContain(token);
  });
});

describe('a hub that answers', () => {
  it('moves no cursor of a terminal by what it says', async () => {
    const error = { message: 'no\u001b[2Jno\u009b1A\u202eon', hint: 7 };
    const hub = createServer((_request, response) => response.writeHead(401).end(JSON.stringify({ error })));
    await once(hub.listen(0, '127.0.0.1'), 'listening');
    onTestFinished(() => void hub.close());
    const { port } = hub.address() as AddressInfo;
    expect(await agent('--enrol', token, '--hub', `http://127.0.0.1:${port}`)).toEqual({
      code: 1,
      written: 'no [2Jno 1A on\n',
    });
  });
});

describe('sizes', () => {
  it.each([
    ['64MB', 64_000_000],
    ['64MiB', 64 * 1024 * 1024],
    ['2gib', 2 * 1024 ** 3],
    ['1500000', 1_500_000],
    ['1b', 1],
    ['MB', undefined],
    ['1.5MB', undefined],
    ['-1MB', undefined],
    ['1 MB', undefined],
    ['1TB', undefined],
  ])('are read as people write them: %s', (text, bytes) => {
    expect(readBytes(text)).toBe(bytes);
  });
});

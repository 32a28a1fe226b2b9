// A process that writes messages is killed with -9 at a moment drawn by lot, again and again on the same database: what it
// was told is committed is there, every commit is there whole or not at all, and the next process goes on where it was.

import { spawn } from 'node:child_process';
import { rmSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { openStorageHere } from '@telltale/hub';
import { expect, it, onTestFinished } from 'vitest';
import { isLongRun, randomFrom, testSeed } from '../packages/gateway/src/testing/random.ts';
import { temporaryDirectory } from './support/hub-process.ts';
import { until } from './support/until.ts';

const rounds = isLongRun ? 40 : 3;
const channels = ['logs/web-1/app', 'logs/web-1/error', 'runs/abcdefghijklmnop'];

interface Acknowledged {
  readonly commit: number;
  readonly firsts: readonly number[];
}

/** Lets a process write until it is killed; answers what it was told. */
async function writeUntilKilled(directory: string, start: number, afterMs: number): Promise<readonly Acknowledged[]> {
  const program = fileURLToPath(new URL('store-kill.child.mjs', import.meta.url));
  const child = spawn(process.execPath, [program, directory, String(start)], { stdio: ['ignore', 'pipe', 'inherit'] });
  let output = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (output += text));
  const ended = new Promise((resolve) => child.once('close', resolve));
  await until(
    'the first commit',
    () => output.length,
    (length) => length > 0,
  );
  await new Promise((resolve) => setTimeout(resolve, afterMs));
  child.kill('SIGKILL');
  await ended;
  return output
    .split('\n')
    .slice(0, -1)
    .map((line) => JSON.parse(line) as Acknowledged);
}

/** Which commit each message of a channel is of, in the order of offsets, read to its end. */
async function commitsOf(storage: Awaited<ReturnType<typeof openStorageHere>>, channel: string): Promise<number[]> {
  const commits: number[] = [];
  for (;;) {
    const page = await storage.messagesAfter(channel, { after: commits.length, count: 1000, bytes: 1e7 });
    const found = page?.appends.flatMap(({ first, bodies }) => {
      expect(first).toBe(commits.length + 1);
      const data = bodies.split('\n').map((body) => (JSON.parse(`{${body}`) as { data: { commit: number } }).data);
      commits.push(...data.map(({ commit }) => commit));
      return data;
    });
    if (page === undefined || found?.length === 0 || commits.length >= page.head) return commits;
  }
}

it(
  `[STO1] [STO2] what was committed survives ${rounds} kills with -9, and nothing is half (seed ${testSeed})`,
  async () => {
    const directory = temporaryDirectory();
    onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
    const random = randomFrom(testSeed);
    const acknowledged: Acknowledged[] = [];
    let last = 0;
    for (let round = 0; round < rounds; round++) {
      const told = await writeUntilKilled(directory, last, random() * 300);
      expect(told[0]?.commit).toBe(last + 1);
      acknowledged.push(...told);
      const storage = await openStorageHere(directory);
      try {
        const found = await Promise.all(channels.map((channel) => commitsOf(storage, channel)));
        last = found[0]?.at(-1) ?? 0;
        // At most the one commit whose answer the kill has cut off is more than was told.
        expect([told.at(-1)?.commit, (told.at(-1)?.commit ?? 0) + 1]).toContain(last);
        for (const [index, commits] of found.entries()) {
          const expected = Array.from({ length: last }, (_, at) => at + 1).flatMap((commit) =>
            Array.from({ length: 1 + ((commit + index) % 40) }, () => commit),
          );
          expect(commits).toEqual(expected);
          const misplaced = acknowledged.filter(({ commit, firsts }) => commits[(firsts[index] ?? 0) - 1] !== commit);
          expect(misplaced).toEqual([]);
        }
      } finally {
        await storage.close();
      }
    }
  },
  20_000 * rounds,
);

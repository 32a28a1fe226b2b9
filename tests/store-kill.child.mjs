// The writer of store-kill.test.ts: commits as fast as the database takes it, and says on its output what was committed
// before it commits more. Its thread of the database is the built one, as a hub has it.

import { writeSync } from 'node:fs';
import { openStorage } from '@telltale/hub';

const [directory, start] = process.argv.slice(2);
const storage = await openStorage(directory);
// Each commit touches three logs; what it is about is its own number, so that a half one would show.
for (let commit = Number(start) + 1; ; commit++) {
  const appends = ['logs/web-1/app', 'logs/web-1/error', 'runs/abcdefghijklmnop'].map((channel, index) => ({
    channel,
    time: Date.now(),
    count: 1 + ((commit + index) % 40),
    bodies: Array.from(
      { length: 1 + ((commit + index) % 40) },
      (_, line) => `"data":${JSON.stringify({ commit, line, text: 'x'.repeat((commit * 37) % 300) })}}`,
    ).join('\n'),
    once: { identity: 'web-1', producer: 'the-only-producer-there-is', seq: commit },
  }));
  const { outcomes } = await storage.commitAppends(appends);
  writeSync(1, `${JSON.stringify({ commit, firsts: outcomes.map(({ first }) => first) })}\n`);
}

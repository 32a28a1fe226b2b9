// A disk that has no room when a spool is opened, and has some later.

import { readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { temporaryDirectory } from '../testing/directory.ts';
import { failingFiles, type FailingFiles } from '../testing/failing-files.ts';
import { openSpool, type Spool } from './spool.ts';

const item = (n: number): object => ({ at: n });

interface Opened {
  readonly spool: Spool;
  readonly warnings: readonly string[];
}

function open(directory: string, files: FailingFiles): Opened {
  const warnings: string[] = [];
  let clock = 0;
  const opened = openSpool({
    directory,
    files,
    log: { warn: (_fields, text) => warnings.push(text) },
    // Always a second later: a full disk is asked again each time.
    now: () => (clock += 1000),
  });
  if (opened.kind === 'owned') throw new Error(`the spool belongs to ${opened.pid}`);
  return { spool: opened.spool, warnings };
}
/** What is in a spool, sent and answered. */
function drain({ spool }: Opened): unknown[] {
  const sent: unknown[] = [];
  for (let entry = spool.window[0]; entry !== undefined; entry = spool.window[0]) {
    sent.push(...entry.items);
    spool.answered(entry);
  }
  spool.close();
  return sent;
}

describe('a spool that was opened on a full disk', () => {
  it('is on disk as soon as there is room, with all it held, and says both', () => {
    const directory = temporaryDirectory();
    const files = failingFiles();
    files.room = 0;
    const { spool, warnings } = open(directory, files);
    for (let n = 0; n < 12; n++) spool.append('a', [item(n)]);
    expect([spool.isInMemory, warnings.length]).toEqual([true, 1]);
    files.room = undefined;
    spool.append('a', [item(12)]);
    expect(spool.isInMemory).toBe(false);
    expect(warnings[1]).toBe('The disk takes the spool again');
    // As after a kill -9.
    for (const name of readdirSync(directory)) if (name.startsWith('owner-')) rmSync(join(directory, name));
    expect(drain(open(directory, failingFiles()))).toEqual(Array.from({ length: 13 }, (_, n) => item(n)));
  });

  it('never answers what it held from before in the place of what came later', () => {
    const directory = temporaryDirectory();
    const before = open(directory, failingFiles());
    before.spool.append('a', [item(0)]);
    before.spool.close();
    // Without it, nothing is claimed on a full disk.
    rmSync(join(directory, 'reserve'));
    const files = failingFiles();
    files.room = 0;
    const later = open(directory, files);
    later.spool.append('a', [item(1)]);
    files.room = undefined;
    later.spool.append('a', [item(2)]);
    expect(drain(later)).toEqual([item(1), item(2)]);
    expect(drain(open(directory, failingFiles()))).toEqual([item(0)]);
  });

  it('that has found none to its end leaves nothing there, and says so', () => {
    const directory = join(temporaryDirectory(), 'run');
    const files = failingFiles();
    files.room = 0;
    const { spool } = open(directory, files);
    spool.append('a', [item(0)]);
    expect(spool.close()).toBe('lost');
    expect(readdirSync(join(directory, '..'))).toEqual([]);
  });
});

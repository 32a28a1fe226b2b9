// When reports are saved: soon, lazily, together, and again where the disk took nothing.

import { describe, expect, it } from 'vitest';
import { ReportSaver } from './report-saver.ts';

function saverOf(): {
  saver: ReportSaver;
  saved: string[][];
  failures: unknown[];
  disk: { isFull: boolean };
  clock: { now: number };
} {
  const saved: string[][] = [];
  const failures: unknown[] = [];
  const disk = { isFull: false };
  const clock = { now: 0 };
  const saver = new ReportSaver({
    async save(names) {
      await Promise.resolve();
      if (disk.isFull) throw new Error('full');
      saved.push([...names]);
    },
    onFailed: (error) => failures.push(error),
    lazyMs: 60_000,
    now: () => clock.now,
  });
  return { saver, saved, failures, disk, clock };
}

/** Lets a save that is under way end, without beginning another. */
const settled = async (): Promise<void> => {
  for (let turn = 0; turn < 10; turn++) await Promise.resolve();
};

describe('reports', () => {
  it('are saved together, the lazy ones within a minute or with a soon one of the same agent', async () => {
    const { saver, saved, clock } = saverOf();
    saver.mark('a', 'soon');
    saver.mark('b', 'soon');
    saver.mark('c', 'lazily');
    saver.mark('d', 'lazily');
    saver.mark('d', 'soon');
    saver.tick();
    await settled();
    expect(saved).toEqual([['a', 'b', 'd']]);
    saver.tick();
    clock.now = 59_999;
    saver.mark('c', 'lazily');
    saver.tick();
    await settled();
    expect(saved).toHaveLength(1);
    clock.now = 60_000;
    saver.tick();
    await settled();
    expect(saved[1]).toEqual(['c']);
  });

  it('that the disk did not take are tried again, which is told once', async () => {
    const { saver, saved, failures, disk } = saverOf();
    disk.isFull = true;
    saver.mark('a', 'soon');
    for (let tick = 0; tick < 3; tick++) {
      saver.tick();
      await settled();
    }
    expect(failures).toHaveLength(1);
    disk.isFull = false;
    saver.tick();
    await settled();
    expect(saved).toEqual([['a']]);
    disk.isFull = true;
    saver.mark('a', 'soon');
    await saver.flush();
    expect(failures).toHaveLength(2);
  });

  it('are all saved at the end, also what was marked while the disk worked', async () => {
    const { saver, saved } = saverOf();
    saver.mark('a', 'soon');
    saver.tick();
    saver.mark('a', 'lazily');
    saver.mark('b', 'lazily');
    await saver.flush();
    expect(saved).toEqual([['a'], ['a', 'b']]);
    await saver.flush();
    expect(saved).toHaveLength(2);
  });
});

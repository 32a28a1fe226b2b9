import type { RunRow } from '@telltale/hub/api';
import { describe, expect, it } from 'vitest';
import { saidOf, startedWords, took, usualMs } from './run-words.ts';
import {
  countsOf,
  filtered,
  listed,
  ordered,
  orderFrom,
  orderWords,
  stepWords,
  usualOrder,
  type RunListed,
  type RunMoment,
} from './runs-model.ts';

const at = new Date(2026, 10, 23, 14, 3).getTime();
const row = (more: Partial<RunRow>): RunRow => ({
  run: 'r1',
  agent: 'web-1',
  name: 'nightly-backup',
  command: './backup.sh --target s3',
  by: 'cron',
  state: 'succeeded',
  startedAt: at,
  endedAt: at + 252_000,
  progress: null,
  note: null,
  exitCode: 0,
  signal: null,
  error: null,
  cancelledBy: null,
  steps: { ended: 5, failed: 1, running: 1 },
  lines: 10,
  awaySince: null,
  ...more,
});
const momentAt = (now: number): RunMoment => ({ now, machineNow: () => now, isUp: true });
const list = (...rows: RunRow[]): readonly RunListed[] => listed(rows, momentAt(at + 300_000), new Map());
const names = (runs: readonly RunListed[]): readonly string[] => runs.map(({ row: { name } }) => name);

describe('the words of a run', () => {
  it.each<readonly [Partial<RunRow>, string]>([
    [{ state: 'running' }, 'Running'],
    [{ state: 'running', awaySince: at }, 'Line lost 14:03:00, 4 min ago'],
    [{ state: 'cancelling', cancelledBy: 'ada' }, 'Cancelling, asked by ada'],
    [
      { state: 'cancelling', cancelledBy: 'ada', awaySince: at },
      'Cancelling, asked by ada. Line lost 14:03:00, 4 min ago',
    ],
    [{ state: 'succeeded' }, 'Succeeded'],
    [{ state: 'failed', exitCode: 3 }, 'Failed, exit 3'],
    [{ state: 'failed', exitCode: null, signal: 'SIGSEGV' }, 'Failed, SIGSEGV'],
    [{ state: 'failed', exitCode: null, error: 'no such table' }, 'Failed: no such table'],
    [{ state: 'cancelled', cancelledBy: '\u202Eada' }, 'Cancelled by \uFFFDada'],
    [{ state: 'lost' }, 'Lost. It did not say how it ended'],
  ])('of %j are %s', (more, words) => {
    expect(saidOf(row(more), at + 250_000, true).words).toBe(words);
  });

  it('say of when they are while the hub does not answer, where that may have changed', () => {
    expect(saidOf(row({ state: 'running' }), at, false)).toEqual({
      words: 'Running, as of 14:03:00',
      look: 'stale',
      shape: { thread: 'stale' },
    });
    expect(saidOf(row({}), at, false).words).toBe('Succeeded');
  });

  it('say how long it took as people do', () => {
    expect([6_149, 43_000, 60_000, 252_000, 7_400_000, -1].map(took)).toEqual([
      '6.1 s',
      '43 s',
      '1 m 00 s',
      '4 m 12 s',
      '2 h 3 m',
      '0.0 s',
    ]);
  });

  it('say the day of what began on another', () => {
    expect([startedWords(at, at + 1), startedWords(at, at + 86_400_000)]).toEqual(['14:03:00', '2026-11-23 14:03']);
  });

  it('know what it usually takes from those that succeeded', () => {
    const earlier = [391, 404, 400, 12, 412].map((seconds, index) => ({
      tookMs: seconds * 1_000,
      state: index === 3 ? ('failed' as const) : ('succeeded' as const),
    }));
    expect(usualMs(earlier)).toBe(400_000);
    expect(usualMs([])).toBeUndefined();
  });

  it('count its steps', () => {
    expect(stepWords({ ended: 5, failed: 1, running: 1 })).toBe('4 done, 1 failed, 1 running');
    expect(stepWords({ ended: 0, failed: 0, running: 0 })).toBe('');
  });
});

describe('the list of runs', () => {
  const runs = list(
    row({ run: 'a', name: 'old', startedAt: at - 9_000 }),
    row({
      run: 'b',
      name: 'now',
      state: 'running',
      startedAt: at - 20_000,
      endedAt: null,
      agent: 'db-1',
      progress: 0.5,
    }),
    row({ run: 'c', name: 'bad', state: 'failed', exitCode: 3 }),
  );

  it('stands under way first, then the newest', () => {
    expect(names(ordered(runs, usualOrder))).toEqual(['now', 'bad', 'old']);
    expect(names(ordered(runs, orderFrom('took', 'descending')))).toEqual(['now', 'old', 'bad']);
    expect(names(ordered(runs, orderFrom('name', 'ascending')))).toEqual(['bad', 'now', 'old']);
    expect(orderFrom('__proto__', null)).toBe(usualOrder);
    expect(orderWords(usualOrder)).toBe('Under way first, then the newest');
  });

  it('is narrowed by state and by words', () => {
    expect(names(filtered(runs, { chip: 'failed', text: '' }))).toEqual(['bad']);
    expect(names(filtered(runs, { chip: undefined, text: 'DB-1 backup.sh' }))).toEqual(['now']);
    expect(names(filtered(runs, { chip: 'running', text: 'old' }))).toEqual([]);
    expect([...countsOf(runs.map((run) => run.row))]).toEqual([
      ['running', 1],
      ['failed', 1],
      ['succeeded', 1],
      ['cancelled', 0],
    ]);
  });

  it('draws what has ended once and what runs each second', () => {
    const before = new Map(runs.map((run) => [run.row.run, run]));
    const after = listed(
      runs.map((run) => run.row),
      momentAt(at + 301_000),
      before,
    );
    expect(after.map((run, index) => run === runs[index])).toEqual([true, false, true]);
    expect(after[1]).toMatchObject({ took: '5 m 21 s', progress: 0.5 });
    expect(after[2]?.progress).toBeNull();
  });
});

import { type DroppedMessages, gapReasons } from '@telltale/agent/run-events';
import type { Sample } from '@telltale/agent/sample';
import type { Cause, ConnectionState } from '@telltale/client';
import { describe, expect, it } from 'vitest';
import { freshnessOf } from './freshness.ts';
import { findHoles } from './holes.ts';
import { hubBeganAnew, lineChanged, logBeganAnew, outageReason, type Outage } from './outages.ts';
import { addDrops, addSamples, isDrop, isSample, keptMs } from './samples.ts';

const cause: Cause = {
  code: 1006,
  name: 'no-close-frame',
  reason: '',
  hint: '',
  next: 'retry',
  wasClean: false,
  attempt: 'a',
};
const open = { kind: 'open', session: 's', since: 0, mode: 'development' } as unknown as ConnectionState;
const waiting: ConnectionState = { kind: 'waiting', attempt: 'a', tries: 1, retryAt: 0, cause };
const offline: ConnectionState = { kind: 'offline', since: 0, cause };

function sample(at: number, intervalMs = 1_000): Sample {
  return {
    at,
    intervalMs,
    cpu: { total: 10, cores: [10], load: [0, 0, 0] },
    memory: { used: 1, total: 2 },
    disks: [],
    uptime: 1,
  };
}
function drop(from: number, to: number, reason: DroppedMessages['reason'] = 'spool-full'): DroppedMessages {
  return { type: 'gap', at: to, count: 7, from, to, reason };
}
const times = (samples: readonly Sample[]): number[] => samples.map(({ at }) => at);

describe('samples', () => {
  it('come in order and each once, however often they are sent', () => {
    const first = addSamples([], [sample(2_000), sample(1_000)]);
    expect(times(addSamples(first, [sample(2_000), sample(3_000)]))).toEqual([1_000, 2_000, 3_000]);
  });

  it('are forgotten when they are older than the longest range', () => {
    const held = addSamples([], [sample(0), sample(keptMs)]);
    expect(times(addSamples(held, [sample(keptMs + 1)]))).toEqual([keptMs, keptMs + 1]);
  });

  it('stay the same array when nothing arrived, so that nothing is drawn', () => {
    const held = addSamples([], [sample(1)]);
    expect(addSamples(held, [])).toBe(held);
  });

  it('have beside them what their agent dropped, each once and no longer than the samples', () => {
    const held = addDrops([], [drop(1_000, 2_000), drop(5_000, 6_000)], 0);
    expect(addDrops(held, [drop(5_000, 6_000)], 2_001)).toEqual([drop(5_000, 6_000)]);
    expect(addDrops(held, [], 9_000)).toBe(held);
    for (const reason of gapReasons) expect(isDrop(drop(1, 2, reason))).toBe(true);
    for (const data of [null, sample(1), { ...drop(1, 2), reason: 'x' }, { ...drop(1, 2), from: Number.NaN }])
      expect(isDrop(data)).toBe(false);
  });

  it.each([
    null,
    5,
    {},
    { ...sample(1), at: Number.NaN },
    { ...sample(1), intervalMs: 0 },
    { ...sample(1), cpu: null },
  ])('are checked before they are drawn: %j', (data) => {
    expect(isSample(data)).toBe(false);
  });

  it('with everything they need are accepted', () => {
    expect(isSample(sample(1))).toBe(true);
  });
});

describe('outages', () => {
  it('begin when the last data came, not when the loss was noticed', () => {
    expect(lineChanged([], waiting, 5_000, 3_000)).toEqual([{ from: 3_000, reason: 'hub does not answer' }]);
  });

  it('do not begin with a page that connects for the first time', () => {
    const connecting: ConnectionState = { kind: 'connecting', attempt: 'a', since: 0, tries: 1 };
    expect(lineChanged([], connecting, 5_000, undefined)).toEqual([]);
  });

  it('end when the line is open, and are then no longer the hub’s fault until it says so', () => {
    const away = lineChanged([], waiting, 5_000, 3_000);
    const back = lineChanged(away, open, 9_000, 3_000);
    expect(back).toEqual([{ from: 3_000, to: 9_000, reason: 'hub did not answer' }]);
    expect(logBeganAnew(back, 9_100)).toEqual([{ from: 3_000, to: 9_000, reason: 'hub restarted' }]);
  });

  it('are the restart of a hub whose tables began anew right after it, and no others are', () => {
    const back: Outage[] = [{ from: 3_000, to: 9_000, reason: 'hub did not answer' }];
    expect(hubBeganAnew(back, 9_100)).toEqual([{ from: 3_000, to: 9_000, reason: 'hub restarted' }]);
    expect(hubBeganAnew(back, 60_000)).toBe(back);
    expect(hubBeganAnew([], 9_100)).toEqual([]);
  });

  it('of a browser without network stay its own, also while it tries again', () => {
    const away = lineChanged([], offline, 5_000, 3_000);
    expect(lineChanged(away, waiting, 6_000, 3_000)).toEqual(away);
    expect(outageReason(offline)).toBe('this browser is offline');
    expect(lineChanged(away, open, 9_000, 3_000)[0]?.reason).toBe('this browser was offline');
  });
});

describe('holes', () => {
  const away: Outage = { from: 2_500, to: 9_000, reason: 'hub restarted' };

  it('are past 2.5 intervals', () => {
    expect(findHoles([sample(0), sample(2_500), sample(5_001)], [], 5_001, 'answers')).toEqual([
      { from: 2_500, to: 5_001, reason: 'source stopped', open: false },
    ]);
  });

  it('are none where a source was told to slow down', () => {
    expect(findHoles([sample(0), sample(10_000, 10_000)], [], 10_000, 'answers')).toEqual([]);
  });

  it('name the outage they fall into, even if the source slowed down meanwhile', () => {
    expect(findHoles([sample(2_000), sample(12_000, 10_000)], [away], 12_000, 'answers')).toEqual([
      { from: 2_000, to: 12_000, reason: 'hub restarted', open: false },
    ]);
  });

  it('begin with one missing sample where the line is known to have been away', () => {
    const short: Outage = { from: 2_000, to: 3_900, reason: 'hub restarted' };
    expect(findHoles([sample(2_000), sample(4_000)], [], 4_000, 'answers')).toEqual([]);
    expect(findHoles([sample(2_000), sample(4_000)], [short], 4_000, 'answers')).toHaveLength(1);
  });

  it('grow to now while nothing comes', () => {
    const silent: Outage = { from: 1_000, reason: 'hub does not answer' };
    expect(findHoles([sample(1_000)], [silent], 2_100, 'away')).toEqual([
      { from: 1_000, to: 2_100, reason: 'hub does not answer', open: true },
    ]);
    expect(findHoles([sample(1_000)], [], 4_000, 'answers')).toEqual([
      { from: 1_000, to: 4_000, reason: 'source stopped', open: true },
    ]);
  });

  it('do not blame the source while the hub itself is silent', () => {
    expect(findHoles([sample(1_000)], [], 4_000, 'silent')[0]?.reason).toBe('hub does not answer');
  });

  it('say what the agent says of samples it dropped, whatever the line did meanwhile', () => {
    const [hole] = findHoles([sample(2_000), sample(9_000)], [away], 9_000, 'answers', [drop(3_000, 8_000)]);
    expect(hole).toEqual({ from: 2_000, to: 9_000, reason: 'agent’s spool was full', open: false });
    const full = findHoles([sample(1_000), sample(4_000)], [], 4_000, 'answers', [drop(2_000, 3_000, 'disk-full')]);
    expect(full[0]?.reason).toBe('agent’s disk was full');
    const refused = findHoles([sample(1_000), sample(4_000)], [], 4_000, 'answers', [drop(2_000, 3_000, 'refused')]);
    expect(refused[0]?.reason).toBe('hub refused them');
  });

  it('are closed by back-filled data', () => {
    expect(findHoles([sample(1_000), sample(2_000), sample(3_000)], [away], 3_000, 'answers')).toEqual([]);
  });
});

describe('freshness of a value', () => {
  const at = new Date(2026, 0, 2, 14, 3, 7).getTime();
  const ask = (age: number, more: object = {}): ReturnType<typeof freshnessOf> =>
    freshnessOf({ at, intervalMs: 1_000, now: at + age, lineUp: true, ...more });

  it.each([
    [400, 'live', '0.4 s'],
    [2_000, 'live', '2 s'],
    [4_500, 'late', '3 s late'],
    [240_000, 'stale', '14:03:07, 4 min ago'],
  ])('after %i ms of silence is %s: %s', (age, kind, words) => {
    expect(ask(age)).toMatchObject({ kind, words });
  });

  it('counts from the interval the sample promised', () => {
    expect(ask(12_000, { intervalMs: 10_000 }).kind).toBe('live');
  });

  it('is stale at once without a line', () => {
    expect(ask(400, { lineUp: false })).toMatchObject({ kind: 'stale', narrow: '0.4 s ago' });
  });

  it('names a hole that has just closed, for half a minute', () => {
    const holes = [{ from: at - 60_000, to: at - 2_000, reason: 'hub restarted' as const, open: false }];
    expect(ask(0, { holes })).toMatchObject({ kind: 'gap', words: 'gap of 58 s' });
    expect(ask(1_000, { holes: [{ ...holes[0], to: at - 40_000 }] }).kind).toBe('live');
  });

  it('has no age before there is data, and stands still while paused', () => {
    expect(ask(0, { at: undefined })).toMatchObject({ kind: 'none', words: 'no data yet' });
    expect(ask(9_000, { pausedAt: at })).toMatchObject({ kind: 'paused', words: 'at 14:03:07' });
  });
});

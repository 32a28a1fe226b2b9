import type { Sample } from '@telltale/agent/sample';
import type { Cause, ConnectionState } from '../../live/connection.ts';
import { describe, expect, it } from 'vitest';
import { nearestIndex, newestIndex } from '../../ui/chart/chart-columns.ts';
import { chartDefinitions, columnsOf, niceTop, summaryOf, type ChartDefinition } from './charts-model.ts';
import { lampsOf, masterOf, type LampQuestion } from './lamps-model.ts';
import { fullestDisk, sustainedLevel, tilesOf } from './tiles-model.ts';

function sample(at: number, more: Partial<Sample> = {}): Sample {
  return {
    at,
    intervalMs: 1_000,
    cpu: { total: 34, cores: [20, 48], load: [0.8, 0.5, 0.2] },
    memory: { used: 11_200_000_000, total: 16_000_000_000 },
    disks: [
      { mount: '/', used: 10, total: 100 },
      { mount: '/data', used: 61, total: 100 },
    ],
    uptime: 100,
    ...more,
  };
}
const busy = (at: number, total: number): Sample => sample(at, { cpu: { total, cores: [total], load: [1, 1, 1] } });
const cause: Cause = { code: 1006, name: 'x', reason: '', hint: '', next: 'retry', wasClean: false, attempt: 'a' };
const open = { kind: 'open' } as ConnectionState;

describe('tiles', () => {
  it('read the newest sample in the units of the reference', () => {
    const said = tilesOf([sample(1_000)]).map(({ name, reading }) => `${name} ${reading?.value} ${reading?.unit}`);
    expect(said).toEqual(['CPU 34 %', 'Memory 11 of 16 GB', 'Disk 61 % of 100 B', 'Network undefined undefined']);
  });

  it('show temperature and the hub’s own numbers only where there are such', () => {
    const hub = {
      cpu: 1,
      rss: 1,
      loopDelayP99: 3.1,
      loopDelayMax: 9,
      sessions: 41,
      messagesPerSecond: 2,
      bytesPerSecond: 9,
    };
    const names = tilesOf([sample(1_000, { temperature: 58, hub })]).map(({ id }) => id);
    expect(names).toEqual(['cpu', 'memory', 'disk', 'temperature', 'network', 'sessions', 'loop']);
  });

  it('say that there is no data rather than 0', () => {
    expect(tilesOf([]).every(({ reading }) => reading === undefined)).toBe(true);
  });

  it('need a limit to be passed for a while before they light', () => {
    const value = ({ cpu }: Sample): number => cpu.total;
    const limits = { warn: 85, crit: 95 };
    expect(sustainedLevel([busy(0, 20), busy(6_000, 20), busy(20_000, 99)], value, limits)).toBeUndefined();
    expect(sustainedLevel([busy(0, 10), busy(6_000, 90), busy(20_000, 99)], value, limits)).toBe('warn');
    expect(sustainedLevel([busy(0, 10), busy(6_000, 97), busy(20_000, 99)], value, limits)).toBe('crit');
    // A page that has just begun does not know how long it has been so.
    expect(sustainedLevel([busy(0, 99), busy(1_000, 99)], value, limits)).toBeUndefined();
  });

  it('are cautious, not alarmed, about a machine that works hard', () => {
    const minute = Array.from({ length: 70 }, (_, second) => busy(second * 1_000, 100));
    expect(tilesOf(minute.slice(-30))[0]?.level).toBeUndefined();
    expect(tilesOf(minute)[0]?.level).toBe('warn');
  });

  it('find the disk that is fullest', () => {
    expect(fullestDisk(sample(0))?.mount).toBe('/data');
    expect(fullestDisk({ disks: [] })).toBeUndefined();
  });
});

describe('lamps', () => {
  const ask = (more: Partial<LampQuestion>): ReturnType<typeof lampsOf> =>
    lampsOf({
      line: open,
      roundTripMs: 38,
      samples: [sample(1_000)],
      sourceSilent: true,
      now: 1_400,
      behind: 0,
      plainHttp: false,
      ...more,
    });
  const waiting: ConnectionState = { kind: 'waiting', attempt: 'a', tries: 1, retryAt: 0, cause };

  it('are all dark when all is well', () => {
    expect(ask({}).every(({ light }) => light === 'dark')).toBe(true);
    expect(masterOf(ask({}))).toEqual({ light: 'dark', count: 0, noun: 'cautions' });
  });

  it('are hatched without a line, except the hub’s own', () => {
    const [hub, ...others] = ask({ line: waiting });
    expect(hub).toMatchObject({ light: 'crit', says: 'No answer' });
    expect(others.every(({ light, says }) => light === 'unknown' && says === 'Unknown')).toBe(true);
    expect(masterOf(ask({ line: waiting }))).toEqual({ light: 'crit', count: 1, noun: 'warning' });
  });

  it('do not let the master lamp say that all is well when nobody can know', () => {
    const offline: ConnectionState = { kind: 'offline', since: 0, cause };
    expect(masterOf(ask({ line: offline }))).toMatchObject({ light: 'unknown', noun: 'unknown' });
  });

  it('keep their places when the line is lost', () => {
    expect(ask({ line: waiting }).map(({ legend }) => legend)).toEqual(ask({}).map(({ legend }) => legend));
  });

  it('tell a silent source from a silent hub, and know nothing of its machine', () => {
    const lamps = ask({ now: 30_000 });
    expect(lamps.find(({ id }) => id === 'hub')?.light).toBe('dark');
    expect(lamps.find(({ id }) => id === 'source')).toMatchObject({ light: 'crit', says: 'Silent, 29 s ago' });
    expect(lamps.find(({ id }) => id === 'memory')?.light).toBe('unknown');
  });

  it('know nothing while nothing at all is heard, though the line is open', () => {
    const lamps = ask({ now: 30_000, sourceSilent: false });
    expect(lamps.find(({ id }) => id === 'hub')).toMatchObject({ light: 'unknown', says: 'Nothing heard' });
    expect(lamps.find(({ id }) => id === 'source')?.light).toBe('unknown');
    expect(masterOf(lamps).light).toBe('unknown');
  });

  it('light for what a person should see: delivery, plain HTTP, a refusal', () => {
    expect(ask({ behind: 2 }).find(({ id }) => id === 'delivery')).toMatchObject({
      light: 'warn',
      says: '2 sessions behind',
    });
    expect(ask({ plainHttp: true }).find(({ id }) => id === 'transport')?.light).toBe('warn');
    const closed: ConnectionState = { kind: 'closed', cause: { ...cause, code: 4403 } };
    expect(ask({ line: closed })[0]).toMatchObject({ light: 'refused', says: 'Refused, 4403' });
    const ended: ConnectionState = { ...closed, cause: { ...closed.cause, code: 4401, name: 'token-session-ended' } };
    expect(ask({ line: ended })[0]).toMatchObject({ light: 'refused', says: 'Login ended' });
  });

  it('of things this person may not see are not there', () => {
    expect(ask({ behind: undefined }).some(({ id }) => id === 'delivery')).toBe(false);
  });
});

describe('charts', () => {
  const cpu = chartDefinitions[0] as ChartDefinition;
  const network = chartDefinitions.find(({ id }) => id === 'network') as ChartDefinition;
  const span = { from: 0, to: 10_000 };

  it('put a null where a hole begins, so that no line crosses it', () => {
    const holes = [{ from: 2_000, to: 8_000, reason: 'hub restarted' as const, open: false }];
    const columns = columnsOf(cpu, [sample(1_000), sample(2_000), sample(8_000)], holes, span);
    expect(columns.times).toEqual([1_000, 2_000, 2_001, 8_000]);
    expect(columns.lines[0]?.values).toEqual([34, 34, null, 34]);
    expect(columns.band?.low).toEqual([20, 20, null, 20]);
  });

  it('scale bytes by the highest value, with its unit', () => {
    const columns = columnsOf(network, [sample(1_000, { networkRate: { in: 12_400_000, out: 38_000_000 } })], [], span);
    expect(columns).toMatchObject({ unit: 'MB/s', top: 40 });
    expect(columns.lines.map(({ name, values }) => [name, values[0]])).toEqual([
      ['in', 12.4],
      ['out', 38],
    ]);
  });

  it('leave out lines that the machine does not have', () => {
    const memory = chartDefinitions.find(({ id }) => id === 'memory') as ChartDefinition;
    expect(columnsOf(memory, [sample(1_000)], [], span).lines.map(({ name }) => name)).toEqual(['used']);
  });

  it('take one point before the left edge', () => {
    const columns = columnsOf(cpu, [sample(1_000), sample(5_000), sample(6_000)], [], { from: 5_500, to: 9_000 });
    expect(columns.times).toEqual([5_000, 6_000]);
  });

  it.each([
    [0, 1],
    [0.8, 0.8],
    [38, 40],
    [101, 120],
    [16, 16],
    [2.1, 3],
  ])('end the axis for %d at %d', (highest, top) => {
    expect(niceTop(highest)).toBe(top);
  });

  it('are summed up in words', () => {
    const samples = [18, 30, 71, 34].map((total, index) => busy(index * 1_000, total));
    const holes = [{ from: 0, to: 1, reason: 'hub restarted' as const, open: false }];
    const columns = columnsOf(cpu, samples, [], { from: 0, to: 9_000 });
    expect(summaryOf('CPU', columns, holes)).toBe('CPU 34 %, min 18, max 71, falling, 1 gap');
    expect(summaryOf('CPU', columnsOf(cpu, [], [], span), [])).toBe('CPU: no data yet');
  });

  it('find the point under the crosshair, but never one inside a hole', () => {
    const holes = [{ from: 2_000, to: 8_000, reason: 'hub restarted' as const, open: false }];
    const columns = columnsOf(cpu, [sample(1_000), sample(2_000), sample(8_000)], holes, span);
    expect(nearestIndex(columns, 2_001)).toBe(1);
    expect(nearestIndex(columns, 6_000)).toBe(3);
    expect(newestIndex(columns)).toBe(3);
  });
});

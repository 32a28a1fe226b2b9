import type { Sample } from '@telltale/agent/sample';
import { describe, expect, it } from 'vitest';
import { nearestIndex, newestIndex } from '../../ui/chart/chart-columns.ts';
import { chartDefinitions, chartsFor, columnsOf, niceTop, summaryOf, type ChartDefinition } from './charts-model.ts';
import { busy, sample } from './testing/sample.ts';
import { fullestDisk, sustainedLevel, tilesOf } from './tiles-model.ts';

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

  it('of deliveries are the hub’s alone', () => {
    expect(chartsFor('local').map(({ id }) => id)).toContain('messages');
    expect(chartsFor('web-1').map(({ id }) => id)).toEqual(['cpu', 'load', 'memory', 'network', 'disk']);
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

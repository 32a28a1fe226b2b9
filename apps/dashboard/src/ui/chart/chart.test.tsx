// @vitest-environment happy-dom
import { describe, expect, it } from 'vitest';
import { movedIndex } from './chart.tsx';
import { chartRows } from './chart-table.tsx';
import type { ChartColumns } from './chart-columns.ts';
import { minuteSplits } from './plot.ts';

const columns: ChartColumns = {
  times: [1_000, 2_000, 2_001, 8_000, 9_000],
  lines: [{ name: 'in', values: [1, 2, null, 3, 4] }],
  unit: 'MB/s',
  top: 4,
};

describe('the crosshair by keys', () => {
  it('begins at the newest point and steps over holes', () => {
    expect(movedIndex(columns, 4, 'ArrowLeft', false, true)).toBe(4);
    expect(movedIndex(columns, 3, 'ArrowLeft', false)).toBe(1);
    expect(movedIndex(columns, 1, 'ArrowRight', false)).toBe(3);
  });

  it('goes ten points with Shift, and stays inside', () => {
    expect(movedIndex(columns, 4, 'ArrowLeft', true)).toBe(0);
    expect(movedIndex(columns, 0, 'ArrowRight', true)).toBe(4);
  });

  it('jumps with Home and End, and leaves other keys to the page', () => {
    expect(movedIndex(columns, 3, 'Home', false)).toBe(0);
    expect(movedIndex(columns, 3, 'End', false)).toBe(4);
    expect(movedIndex(columns, 3, 'Tab', false)).toBeUndefined();
  });
});

describe('a chart as a table', () => {
  it('lists values newest first, and each hole between them with its reason', () => {
    const holes = [{ from: 2_000, to: 8_000, reason: 'hub restarted', open: false }];
    const said = chartRows(columns, holes).map((row) => (row.kind === 'hole' ? row.hole.reason : row.at));
    expect(said).toEqual([9_000, 8_000, 'hub restarted', 2_000, 1_000]);
  });
});

describe('time ticks', () => {
  it('stand at round minutes, apart from each other and from the edges', () => {
    const minute = 60_000;
    expect(minuteSplits(0, 15 * minute, 320)).toEqual([5 * minute, 10 * minute]);
    expect(minuteSplits(0, 500 * 365 * 24 * 60 * minute, 600).length, 'a range that somebody made up').toBeLessThan(10);
    expect(minuteSplits(30_000, 5 * minute + 30_000, 600)).toEqual([1, 2, 3, 4, 5].map((at) => at * minute));
  });
});

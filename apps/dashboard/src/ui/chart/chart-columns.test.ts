import { describe, expect, it } from 'vitest';
import { firstChange, type ChartColumns } from './chart-columns.ts';

function columns(times: readonly number[], ...lines: readonly (readonly (number | null)[])[]): ChartColumns {
  return { times, lines: lines.map((values, index) => ({ name: `${index}`, values })), unit: '', top: 10 };
}

describe('what of a picture has changed', () => {
  const last = columns([1, 2, 3, 4], [5, 6, 7, 8], [1, null, 1, 1]);

  it('is nothing where the same points stand, though older ones went', () => {
    expect(firstChange(last, columns([1, 2, 3, 4], [5, 6, 7, 8], [1, null, 1, 1]), 1)).toBeUndefined();
    expect(firstChange(last, columns([3, 4], [7, 8], [1, 1]), 3)).toBeUndefined();
  });

  it('begins with the first point that came', () => {
    expect(firstChange(last, columns([2, 3, 4, 5, 6], [6, 7, 8, 9, 9], [null, 1, 1, 1, 1]), 2)).toBe(3);
    expect(firstChange(columns([], [], []), last, 0)).toBe(0);
  });

  it('begins with the first point that is another, in whichever line', () => {
    expect(firstChange(last, columns([1, 2, 3, 4], [5, 6, 7, 8], [1, null, 2, 1]), 1)).toBe(2);
    expect(firstChange(last, columns([1, 2, 3, 4], [5, null, 7, 8], [1, null, 2, 1]), 1)).toBe(1);
    expect(firstChange(last, columns([1, 2, 2.5, 3, 4], [5, 6, 6, 7, 8], [1, null, 1, 1, 1]), 1)).toBe(2);
  });

  it('begins behind the last point where newer ones are gone', () => {
    expect(firstChange(last, columns([1, 2], [5, 6], [1, null]), 1)).toBe(2);
    expect(firstChange(last, columns([], [], []), 1)).toBe(0);
  });

  it('is all where points are gone that are still seen', () => {
    expect(firstChange(last, columns([3, 4], [7, 8], [1, 1]), 2)).toBe(0);
  });
});

import { describe, expect, it } from 'vitest';
import { columnOf, rulerOf } from './ruler.ts';

const minute = 60_000;
const spanAt = (to: number): { from: number; to: number } => ({ from: to - 15 * minute, to });

describe('a ruler', () => {
  it('keeps the columns of two times equally far apart, wherever the span stands', () => {
    const now = 1_800_000_000_123;
    let ruler = rulerOf(spanAt(now), 617);
    const [one, other] = [now - 4_321, now - 1_234];
    const apart = columnOf(ruler, other) - columnOf(ruler, one);
    for (let step = 1; step < 5_000; step += 1) {
      ruler = rulerOf(spanAt(now + step * 37.7), 617, ruler);
      expect(columnOf(ruler, other) - columnOf(ruler, one)).toBe(apart);
    }
  });

  it('is never off by more than a column, days after it began', () => {
    const now = 1_800_000_000_123;
    const later = now + 3 * 24 * 60 * minute + 77;
    const ruler = rulerOf(spanAt(later), 617, rulerOf(spanAt(now), 617));
    expect(ruler.origin).toBe(now - 15 * minute);
    expect(Math.abs(columnOf(ruler, later) - 617)).toBeLessThanOrEqual(1);
    expect(Math.abs(columnOf(ruler, later - 15 * minute))).toBeLessThanOrEqual(1);
  });

  it('begins anew where a plot has another width or a span another length', () => {
    const now = 1_800_000_000_123;
    const ruler = rulerOf(spanAt(now), 617);
    const wider = rulerOf(spanAt(now + 1_000), 618, ruler);
    expect(wider).toMatchObject({ origin: now + 1_000 - 15 * minute, first: 0 });
    const shorter = rulerOf({ from: now - minute, to: now }, 617, ruler);
    expect(columnOf(shorter, now)).toBe(617);
  });
});

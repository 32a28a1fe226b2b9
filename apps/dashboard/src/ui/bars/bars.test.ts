import { describe, expect, it } from 'vitest';
import { barAt, barsPlace, heightOf, labelPlace, xOf } from './bars-layout.ts';
import { targetBar } from './bars.tsx';

const place = barsPlace(634);

describe('bars', () => {
  it('stand between the ticks and the edge, and are never drawn as nothing', () => {
    expect(xOf(place, { from: 0, to: 100 }, 50)).toBe((place.left + place.right) / 2);
    expect(heightOf(place, 0, 1_000)).toBe(0);
    expect(heightOf(place, 1, 1_000)).toBe(2);
    expect(heightOf(place, 1_000, 1_000)).toBe(place.foot - place.top);
  });

  it('are found under a pointer, and beside them is none', () => {
    expect(barAt(place, 10, place.left)).toBe(0);
    expect(barAt(place, 10, place.right - 1)).toBe(9);
    expect(barAt(place, 10, place.left - 1)).toBeUndefined();
    expect(barAt(place, 10, place.right)).toBeUndefined();
  });

  it('are walked through by keys, from the newest', () => {
    const at = (from: number | undefined) => ({ from, count: 90, isFast: false });
    expect(targetBar('ArrowLeft', at(undefined))).toBe(89);
    expect(targetBar('ArrowLeft', at(89))).toBe(88);
    expect(targetBar('ArrowLeft', { ...at(5), isFast: true })).toBe(0);
    expect(targetBar('ArrowRight', at(89))).toBe(89);
    expect(targetBar('Home', at(40))).toBe(0);
    expect(targetBar('End', at(40))).toBe(89);
    expect(targetBar('a', at(40))).toBeUndefined();
    expect(targetBar('End', { ...at(0), count: 0 })).toBeUndefined();
  });

  it('have the words of a bracket beside it where there is room, else over it and inside the edges', () => {
    expect(labelPlace(place, { left: 100, right: 150 }, 'storm').anchor).toBe('start');
    expect(labelPlace(place, { left: 560, right: 620 }, 'storm').anchor).toBe('end');
    const long = 'x'.repeat(100);
    expect(labelPlace(place, { left: 560, right: 620 }, long)).toEqual({
      x: place.right - 280,
      anchor: 'middle',
    });
  });
});

import { describe, expect, it } from 'vitest';
import { traceLine, type Scale } from './paint-lines.ts';

/** A pixel a second, a pixel a unit. */
const scale: Scale = { from: 0, left: 10, perMs: 0.001, foot: 100, perUnit: 1 };

function traced(points: readonly (readonly [number, number | null])[]): readonly string[] {
  const moves: string[] = [];
  const pen = {
    moveTo: (x: number, y: number) => void moves.push(`M ${x} ${y}`),
    lineTo: (x: number, y: number) => void moves.push(`L ${x} ${y}`),
  };
  traceLine(
    pen,
    points.map(([time]) => time),
    points.map(([, value]) => value),
    scale,
  );
  return moves;
}

describe('a line', () => {
  it('goes from value to value', () => {
    expect(
      traced([
        [0, 1],
        [2_000, 5],
        [3_000, 5],
      ]),
    ).toEqual(['M 10 99', 'L 12 95', 'L 13 95']);
  });

  it('is broken where a value is missing', () => {
    expect(
      traced([
        [0, null],
        [1_000, 1],
        [2_000, null],
        [3_000, 2],
        [4_000, 3],
      ]),
    ).toEqual(['M 11 99', 'M 13 98', 'L 14 97']);
  });

  it('has in one column of pixels the first, the extremes and the last of many', () => {
    expect(
      traced([
        [0, 5],
        [100, 9],
        [200, 1],
        [300, 4],
        [1_000, 6],
      ]),
    ).toEqual(['M 10 95', 'L 10 99', 'L 10 91', 'L 10 96', 'L 11 94']);
  });

  it('draws what does not move once in a column', () => {
    expect(
      traced([
        [0, 5],
        [100, 5],
        [200, 5],
      ]),
    ).toEqual(['M 10 95']);
  });
});

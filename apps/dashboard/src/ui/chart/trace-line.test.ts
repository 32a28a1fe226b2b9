import { describe, expect, it } from 'vitest';
import { traceLine, type Part, type Scale } from './trace-line.ts';

/** A column a second, a pixel a unit. */
const scale: Scale = { ruler: { origin: 0, perMs: 0.001, first: -10 }, foot: 100, perUnit: 1 };

function traced(
  points: readonly (readonly [number, number | null])[],
  part: Part = { start: 0, length: 0, mark: 0 },
): { readonly moves: readonly string[]; readonly length: number } {
  const moves: string[] = [];
  const pen = {
    moveTo: (x: number, y: number) => void moves.push(`M ${x} ${y}`),
    lineTo: (x: number, y: number) => void moves.push(`L ${x} ${y}`),
  };
  const length = traceLine(
    pen,
    points.map(([time]) => time),
    points.map(([, value]) => value),
    scale,
    part,
  );
  return { moves, length };
}

describe('a line', () => {
  it('goes from value to value', () => {
    const { moves } = traced([
      [0, 1],
      [2_000, 5],
      [3_000, 5],
    ]);
    expect(moves).toEqual(['M 10 99', 'L 12 95', 'L 13 95']);
  });

  it('is broken where a value is missing', () => {
    const { moves } = traced([
      [0, null],
      [1_000, 1],
      [2_000, null],
      [3_000, 2],
      [4_000, 3],
    ]);
    expect(moves).toEqual(['M 11 99', 'M 13 98', 'L 14 97']);
  });

  it('has in one column of pixels the first, the extremes and the last of many', () => {
    const { moves } = traced([
      [0, 5],
      [100, 9],
      [200, 1],
      [300, 4],
      [1_000, 6],
    ]);
    expect(moves).toEqual(['M 10 95', 'L 10 99', 'L 10 91', 'L 10 96', 'L 11 94']);
  });

  it('draws what does not move once in a column', () => {
    const { moves } = traced([
      [0, 5],
      [100, 5],
      [200, 5],
    ]);
    expect(moves).toEqual(['M 10 95']);
  });

  it('is measured up to a point, and goes on there as if it had never been left', () => {
    const points = [
      [0, 0],
      [3_000, 4],
      [4_000, 4],
      [4_100, 7],
      [5_000, 7],
    ] as const;
    const { moves, length } = traced(points, { start: 0, length: 0, mark: 2 });
    expect(length).toBe(5 + 1);
    const rest = traced(points, { start: 2, length, mark: 4 });
    expect(rest.moves).toEqual(['M 14 96', ...moves.slice(3)]);
    expect(rest.length).toBe(traced(points, { start: 0, length: 0, mark: 4 }).length);
  });

  it('has at a point without a value the length with which its pieces begin', () => {
    const points = [
      [0, 0],
      [3_000, 4],
      [4_000, null],
    ] as const;
    expect(traced(points, { start: 0, length: 2, mark: 2 }).length).toBe(2);
  });
});

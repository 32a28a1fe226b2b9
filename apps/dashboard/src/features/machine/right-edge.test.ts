import { expect, it } from 'vitest';
import { rightEdge } from './right-edge.ts';

const newest = { at: 10_000, intervalMs: 1000 };

it('stands at the newest sample while samples come, else at the clock', () => {
  expect(rightEdge(newest, 11_500, true)).toBe(10_000);
  expect(rightEdge(newest, 12_500, true)).toBe(12_500);
  expect(rightEdge(newest, 10_400, false)).toBe(10_400);
  expect(rightEdge(undefined, 5, true)).toBe(5);
});

it('never hides the newest sample from a clock that was read before it came', () => {
  expect(rightEdge(newest, 9_300, false)).toBe(10_000);
  expect(rightEdge(newest, 9_300, true)).toBe(10_000);
});

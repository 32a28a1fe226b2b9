import { expect, it } from 'vitest';
import { ManualClock } from '../testing/manual-clock.ts';
import { FlushClock } from './flush-clock.ts';

it('[DLV1] flushes at once after a quiet interval, then by its tick, and never sooner than a flush took', () => {
  const clock = new ManualClock();
  const at: number[] = [];
  let tookMs = 0;
  const flushClock = new FlushClock(clock, 20, () => {
    at.push(clock.monotonic());
    // Time that passes while viewers are written to.
    clock.freeze(tookMs);
    tookMs = 0;
  });
  clock.advance(100);
  flushClock.request();
  clock.advance(0);
  expect(at).toEqual([100]);
  flushClock.request();
  flushClock.request();
  clock.advance(19);
  expect(at).toEqual([100]);
  tookMs = 50;
  clock.advance(1);
  expect(at).toEqual([100, 120]);
  // It ended at 170 and took 50.
  flushClock.request();
  clock.advance(49);
  expect(at).toEqual([100, 120]);
  clock.advance(1);
  expect(at).toEqual([100, 120, 220]);
  flushClock.request();
  flushClock.stop();
  clock.advance(1000);
  expect(at).toHaveLength(3);
  expect(clock.pending).toBe(0);
});

import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { createPace, type Pace } from './pace.ts';

let drawn: number;
let pace: Pace;
beforeEach(() => {
  vi.useFakeTimers();
  drawn = 0;
  pace = createPace({ frame: (run) => void setTimeout(run, 16), apartMs: () => 100, run: () => (drawn += 1) });
});
afterEach(() => void vi.useRealTimers());

it('draws at the next frame, and while much comes not sooner than a moment later', () => {
  pace.ask();
  pace.ask();
  vi.advanceTimersByTime(16);
  expect(drawn).toBe(1);
  for (let ms = 0; ms < 1_000; ms += 10) {
    pace.ask();
    vi.advanceTimersByTime(10);
  }
  expect(drawn).toBeGreaterThan(7);
  expect(drawn).toBeLessThan(11);
});

it('does not let somebody wait who asks for it soon', () => {
  pace.ask();
  vi.advanceTimersByTime(16);
  pace.ask();
  pace.soon();
  pace.soon();
  vi.advanceTimersByTime(16);
  expect(drawn).toBe(2);
  vi.advanceTimersByTime(500);
  expect(drawn).toBe(2);
});

it('draws nothing after it was stopped, until it is asked again', () => {
  pace.ask();
  pace.stop();
  vi.advanceTimersByTime(500);
  expect(drawn).toBe(0);
  pace.ask();
  vi.advanceTimersByTime(500);
  expect(drawn).toBe(1);
});

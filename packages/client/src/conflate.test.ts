// @vitest-environment happy-dom
// Frames that are shared by all who ask, and the rest after one that took long.

import { expect, test } from 'vitest';
import { conflated } from './conflate.ts';

const nextFrame = () => new Promise((resolve) => requestAnimationFrame(resolve));

/** Keeps the thread busy, as rendering does. */
function work(ms: number): void {
  const until = performance.now() + ms;
  while (performance.now() < until);
}

test('whoever asks is told in one frame, once, and nobody who has cancelled', async () => {
  const told: string[] = [];
  const [one, other, gone] = ['one', 'other', 'gone'].map((name) => conflated(() => told.push(name))) as [
    ReturnType<typeof conflated>,
    ReturnType<typeof conflated>,
    ReturnType<typeof conflated>,
  ];
  const frames: number[] = [];
  conflated(() => frames.push(told.length)).ask();
  for (const { ask } of [one, other, gone, one]) ask();
  gone.cancel();
  await expect.poll(() => frames).toEqual([0]);
  expect(told).toEqual(['one', 'other']);
});

test('after a frame that took long, the next one waits twenty-four times as long', async () => {
  const began: number[] = [];
  const tookMs = 2;
  const slow = conflated(() => {
    began.push(performance.now());
    work(tookMs);
  });
  slow.ask();
  await expect.poll(() => began.length).toBe(1);
  await nextFrame();
  slow.ask();
  await expect.poll(() => began.length).toBe(2);
  expect((began[1] as number) - (began[0] as number)).toBeGreaterThanOrEqual(25 * tookMs - 1);
});

test('a page that is hidden while a frame is due is told by a timer', async () => {
  const original = globalThis.requestAnimationFrame;
  globalThis.requestAnimationFrame = () => 0 as never;
  try {
    let told = 0;
    conflated(() => told++).ask();
    await expect.poll(() => told).toBe(1);
  } finally {
    globalThis.requestAnimationFrame = original;
  }
});

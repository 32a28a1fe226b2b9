// When a token is renewed, on a hand-moved clock: before it expires, and again and again where that fails.

import type { ErrorFrame, ResultFrame } from '@telltale/protocol';
import { expect, test } from 'vitest';
import { createClock } from './clock.ts';
import { createRenewal, type Renewal } from './renewal.ts';
import { manualEnvironment } from './testing/manual-environment.ts';
import { createTokenSource } from './token.ts';

const lifeMs = 900_000;

/** Seconds after the start at which a token was asked for, while the provider fails as told. */
function startRenewal(provide: () => Promise<string | undefined>): {
  readonly asked: readonly number[];
  readonly sent: readonly string[];
  readonly renewal: Renewal;
  readonly pass: (ms: number) => Promise<void>;
  readonly wake: () => void;
} {
  const environment = manualEnvironment();
  const beganAt = environment.now();
  const asked: number[] = [];
  const sent: string[] = [];
  const tokens = createTokenSource(() => {
    asked.push((environment.now() - beganAt) / 1000);
    return provide();
  });
  const authenticate = (token: string, onAnswer: (answer: ResultFrame | ErrorFrame | undefined) => void): void => {
    sent.push(token);
    onAnswer({ type: 'result', id: 1, data: { expiresAt: environment.now() + lifeMs } });
  };
  const silent = { debug() {}, info() {}, warn() {} };
  const renewal = createRenewal(environment, createClock(environment.now), tokens, authenticate, silent);
  renewal.expiresAt(beganAt + lifeMs);
  return {
    asked,
    sent,
    renewal,
    async pass(ms) {
      for (let left = ms; left > 0; left -= 250) {
        environment.advance(Math.min(250, left));
        for (let n = 0; n < 8; n++) await Promise.resolve();
      }
    },
    wake: () => renewal.wake(),
  };
}

test('[CLI5] a token is renewed at 80 % of its life, and so is the next', async () => {
  const { asked, sent, pass } = startRenewal(() => Promise.resolve('next'));
  await pass(719_000);
  expect(asked).toEqual([]);
  await pass(1_500);
  expect(asked).toEqual([720]);
  await pass(720_000);
  expect(asked).toEqual([720, 1440]);
  expect(sent).toEqual(['next', 'next']);
});

test('[CLI5] what fails is tried again after 1 s, 2 s, 4 s, and at last each 30 s until the token expires', async () => {
  const { asked, pass } = startRenewal(() => Promise.reject(new Error('no answer')));
  await pass(lifeMs + 60_000);
  expect(asked.slice(0, 7)).toEqual([720, 721, 723, 727, 735, 751, 781]);
  expect(asked.at(-1)).toBe(871);
});

test('[CLI5] what failed is tried at once when the machine wakes, and a success ends the hurry', async () => {
  let works = false;
  const { asked, pass, wake } = startRenewal(() => (works ? Promise.resolve('next') : Promise.reject(new Error('no'))));
  await pass(735_500);
  expect(asked.at(-1)).toBe(735);
  works = true;
  wake();
  await pass(250);
  expect(asked.at(-1)).toBe(735.5);
  const count = asked.length;
  await pass(719_000);
  expect(asked).toHaveLength(count);
});

import { expect, it } from 'vitest';
import { UsualAttempts } from './usual-attempts.ts';

const minuteMs = 60_000;

function setUp() {
  const usual = new UsualAttempts();
  let minute = 100;
  /** So many attempts in each of these minutes; what is usual then. */
  const pass = (minutes: number, perMinute: number): number => {
    for (let index = 0; index < minutes; index++, minute++) {
      for (let count = 0; count < perMinute; count++) usual.attempt(minute * minuteMs + count);
    }
    return usual.perSecond(minute * minuteMs);
  };
  return { pass };
}

it('is what three in four of the minutes of an hour have, also of a hub that has just begun', () => {
  const { pass } = setUp();
  expect(pass(30, 120), 'most of the hour there was nobody').toBe(0);
  expect(pass(30, 120)).toBe(2);
  expect(pass(50, 60), 'fewer is learned like more').toBe(1);
  expect(pass(60, 0)).toBe(0);
});

it('is not taught by a storm, however many hours that lasts, until it has lasted a day', () => {
  const { pass } = setUp();
  expect(pass(120, 30)).toBe(0.5);
  expect(pass(20 * 60, 600)).toBe(0.5);
  expect(pass(60, 36), 'what follows a storm teaches again').toBe(0.6);
  expect(pass(24 * 60, 600)).toBe(0.6);
  expect(pass(60, 600), 'that many come now').toBe(10);
});

it('knows what it knew where nobody came for a while, or the clock was set', () => {
  const usual = new UsualAttempts();
  for (let count = 0; count < 60 * 120; count++) usual.attempt(count * 500);
  expect(usual.perSecond(3_600_000)).toBe(2);
  expect(usual.perSecond(3_600_000 - 10 * minuteMs)).toBe(2);
  expect(usual.perSecond(1e12), 'an hour without anybody').toBe(0);
});

// How much one person may write, on a clock moved by hand.

import { describe, expect, it } from 'vitest';
import { PersonRates } from './person-rates.ts';

function setUp() {
  const clock = { ms: 1000 };
  const rates = new PersonRates({ perSecond: 5, burst: 20, now: () => clock.ms });
  const takeOnes = (person: string, count: number): readonly number[] =>
    Array.from({ length: count }, () => rates.take(person, 1));
  return { clock, rates, takeOnes };
}

describe('the rate of a person', () => {
  it('[CHT3] lets 20 through at once, then one each 200 ms, and says how long to wait to the millisecond', () => {
    const { clock, takeOnes } = setUp();
    expect(takeOnes('ada', 22)).toEqual([...Array<number>(20).fill(0), 200, 200]);
    clock.ms += 50;
    expect(takeOnes('ada', 1)).toEqual([150]);
    clock.ms += 149;
    expect(takeOnes('ada', 1)).toEqual([1]);
    clock.ms += 1;
    expect(takeOnes('ada', 2)).toEqual([0, 200]);
    for (let second = 0; second < 10; second++) {
      clock.ms += 1000;
      expect(takeOnes('ada', 6)).toEqual([0, 0, 0, 0, 0, 200]);
    }
  });

  it('[CHT3] holds each person to their own, takes a batch whole or not at all, and saves up no more than 20', () => {
    const { clock, rates, takeOnes } = setUp();
    expect(rates.take('ada', 15)).toBe(0);
    expect(rates.take('ada', 10)).toBe(1000);
    expect(rates.take('ada', 5)).toBe(0);
    expect(takeOnes('bob', 21)).toEqual([...Array<number>(20).fill(0), 200]);
    clock.ms += 3999;
    expect(rates.take('ada', 20)).toBe(1);
    clock.ms += 3_600_000;
    expect(takeOnes('ada', 21)).toEqual([...Array<number>(20).fill(0), 200]);
  });
});

import { describe, expect, it } from 'vitest';
import { createMeter } from './rate.ts';

describe('a meter', () => {
  it('has no rate before its second reading', () => {
    const meter = createMeter();
    expect(meter({ first: 5000, second: 70 }, 0)).toBeUndefined();
  });

  it('divides by the time that passed, not by the number of readings', () => {
    const meter = createMeter();
    meter({ first: 1000, second: 0 }, 500);
    expect(meter({ first: 3000, second: 4000 }, 2500)).toEqual({ first: 1000, second: 2000 });
    expect(meter({ first: 3500, second: 4000 }, 3000)).toEqual({ first: 1000, second: 0 });
  });

  it('says nothing when a counter went back, and measures on from there', () => {
    const meter = createMeter();
    meter({ first: 9000, second: 9000 }, 0);
    expect(meter({ first: 100, second: 9500 }, 1000)).toBeUndefined();
    expect(meter({ first: 300, second: 9500 }, 2000)).toEqual({ first: 200, second: 0 });
  });

  it('does not divide by nothing when two readings share a moment', () => {
    const meter = createMeter();
    meter({ first: 0, second: 0 }, 1000);
    expect(meter({ first: 10, second: 10 }, 1000)).toBeUndefined();
  });
});

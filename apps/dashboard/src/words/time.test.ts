import { describe, expect, it } from 'vitest';
import {
  ago,
  clock,
  clockHundredth,
  clockMinute,
  clockThousandth,
  dayAndTime,
  dayOr,
  duration,
  exactDuration,
  zone,
} from './time.ts';

describe('duration', () => {
  it.each([
    [0, '0.0 s'],
    [449, '0.4 s'],
    [949, '0.9 s'],
    [1_000, '1 s'],
    [59_999, '59 s'],
    [60_000, '1 min'],
    [3_599_999, '59 min'],
    [3_600_000, '1 h 0 m'],
    [22_320_000, '6 h 12 m'],
    [86_400_000 * 6 + 3_600_000 * 4, '6 d 4 h'],
    [-5, '0.0 s'],
  ])('says %i ms as %s', (ms, words) => {
    expect(duration(ms)).toBe(words);
  });

  it('gives ages one unit up to an hour and two above', () => {
    expect(ago(4 * 60_000 + 20_000)).toBe('4 min ago');
    expect(ago(6 * 3_600_000 + 12 * 60_000)).toBe('6 h 12 m ago');
  });
});

describe('exactDuration', () => {
  it('keeps the seconds of minutes', () => {
    expect(exactDuration(108_000)).toBe('1 min 48 s');
    expect(exactDuration(120_000)).toBe('2 min');
    expect(exactDuration(58_400)).toBe('58 s');
  });

  it('never says less than a second, which would read as nothing', () => {
    expect(exactDuration(300)).toBe('1 s');
  });
});

describe('clock times', () => {
  const at = new Date(2026, 9, 4, 14, 3, 7).getTime();

  it('are written with two figures in the zone of the browser', () => {
    expect(clock(at)).toBe('14:03:07');
    expect(clockMinute(at)).toBe('14:03');
    expect(clockHundredth(at + 89)).toBe('14:03:07.08');
    expect(clockThousandth(at + 89)).toBe('14:03:07.089');
    expect(dayAndTime(at)).toBe('2026-10-04 14:03');
  });

  it('name their day where it is another one', () => {
    expect(dayOr(clock, at, at + 60_000)).toBe('14:03:07');
    expect(dayOr(clock, at, at + 86_400_000)).toBe('2026-10-04 14:03');
  });

  it('name their zone with its distance from UTC', () => {
    expect(zone(at)).toMatch(/^(UTC|\S+, UTC[+−]\d\d:\d\d)$/);
  });
});

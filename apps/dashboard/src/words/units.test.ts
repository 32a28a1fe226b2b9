import { describe, expect, it } from 'vitest';
import { byteScale, bytes, counted, grouped, milliseconds, percent, short, together } from './units.ts';

describe('numbers', () => {
  it('group thousands by a thin space', () => {
    expect(grouped(1840)).toBe('1\u2009840');
    expect(grouped(1234567.5, 1)).toBe('1\u2009234\u2009567.5');
    expect(grouped(999)).toBe('999');
  });

  it('keep one decimal below ten and none above', () => {
    expect(short(3.14)).toBe('3.1');
    expect(short(9.97)).toBe('10');
    expect(short(0)).toBe('0');
    expect(short(38.2)).toBe('38');
  });

  it('stand apart from their unit by a space', () => {
    expect(percent(34)).toBe('34 %');
    expect(milliseconds(38)).toBe('38 ms');
    expect(together({ value: '5', unit: '' })).toBe('5');
  });
});

describe('bytes', () => {
  it.each([
    [0, '0 B'],
    [999, '999 B'],
    [1000, '1.0 kB'],
    [84_000_000, '84.0 MB'],
    [11_240_000_000, '11.2 GB'],
    [480_000_000_000, '480 GB'],
    [999_960_000, '1.0 GB'],
  ])('writes %i as %s', (value, words) => {
    expect(together(bytes(value))).toBe(words);
  });

  it('leaves decimals out where none are asked for', () => {
    expect(together(bytes(84_400_000, 0))).toBe('84 MB');
  });

  it('scales a whole axis by its largest value', () => {
    expect(byteScale(38_000_000)).toEqual({ unit: 'MB', factor: 1_000_000 });
    expect(byteScale(0)).toEqual({ unit: 'B', factor: 1 });
  });
});

describe('counted', () => {
  it('agrees with its number', () => {
    expect(counted(1, 'caution', 'cautions')).toBe('1 caution');
    expect(counted(2, 'caution', 'cautions')).toBe('2 cautions');
  });
});

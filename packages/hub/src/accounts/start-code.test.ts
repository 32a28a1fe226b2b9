// The one-time code: once, in time, and not by guessing.

import { describe, expect, it } from 'vitest';
import { createStartCode, startCodeMs } from './start-code.ts';

describe('a start code', () => {
  it('is spent by its first use', () => {
    const { code, spend } = createStartCode();
    expect(spend('guess')).toBe(false);
    expect(spend('')).toBe(false);
    expect(spend(code)).toBe(true);
    expect(spend(code)).toBe(false);
  });

  it('ends after ten minutes', () => {
    let now = 0;
    const { code, spend } = createStartCode(() => now);
    now = startCodeMs + 1;
    expect(spend(code)).toBe(false);
  });

  it('is different each time', () => {
    expect(createStartCode().code).not.toBe(createStartCode().code);
  });
});

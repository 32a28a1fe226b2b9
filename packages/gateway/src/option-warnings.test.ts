// What is said of options that are allowed and still keep people out or cut them off.

import { describe, expect, it } from 'vitest';
import { optionWarnings } from './option-warnings.ts';

const limits = { heartbeatMs: 10_000, pingMs: 25_000 };
const safe = { mode: 'production', credentials: { secret: 'x' }, allowedOrigins: ['https://a.example'] } as const;

describe('options', () => {
  it('that are fine are said nothing of', () => {
    expect(optionWarnings({ ...safe, limits })).toEqual([]);
    expect(optionWarnings({ mode: 'development', limits })).toEqual([]);
  });

  it('of production that let nobody in say so, each in a sentence', () => {
    const warnings = optionWarnings({ mode: 'production', limits });
    expect(warnings).toEqual([
      expect.stringMatching(/^Nobody can connect: .*secret, issuers or verify$/),
      expect.stringMatching(/^No page can connect: .*https:\/\/ops\.example\.com/),
    ]);
  });

  it.each([
    [60_000, 90_000, 1],
    [120_000, 60_000, 1],
    // The other one keeps the line from being idle.
    [10_000, 90_000, 0],
    [90_000, 25_000, 0],
    [59_999, 59_999, 0],
  ])('with a heartbeat of %d ms and a ping of %d ms are warned of %d times', (heartbeatMs, pingMs, count) => {
    for (const mode of ['development', 'production'] as const) {
      const warnings = optionWarnings({ ...safe, mode, limits: { heartbeatMs, pingMs } });
      expect(warnings).toHaveLength(count);
      for (const warning of warnings) {
        expect(warning).toContain(`heartbeatMs ${heartbeatMs} and limits.pingMs ${pingMs}`);
        expect(warning).toContain('below 30000');
      }
    }
  });
});

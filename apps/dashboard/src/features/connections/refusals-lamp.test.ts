import { describe, expect, it } from 'vitest';
import { isSameReasons, refusalsLampOf, refusedReasons, type RefusedReason } from './refusals-lamp.ts';
import { refusalRow } from './testing/rows.ts';

const minute = 60_000;
const missing = { name: 'token-missing', code: 4401, setting: null } as const;
const reasonsOf = (...rows: Parameters<typeof refusedReasons>[0]): readonly RefusedReason[] =>
  refusedReasons(rows, true) ?? [];

describe('the lamp of refusals', () => {
  it('is dark where nothing was refused of late, or little that a person can cure', () => {
    expect(refusalsLampOf([], 0)).toEqual({ light: 'dark', says: 'None in 15 min', cause: '/connections' });
    const few = reasonsOf(
      refusalRow({ ...missing, count: 2, last: minute }),
      refusalRow({ ...missing, id: 'r2', count: 2, last: 0 }),
    );
    expect(refusalsLampOf(few, 2 * minute)).toMatchObject({ light: 'dark', says: '4 in 15 min' });
  });

  it('is lit for a page that a setting would let in, and for what is refused again and again', () => {
    expect(refusalsLampOf(reasonsOf(refusalRow({ last: minute })), 2 * minute)).toEqual({
      light: 'refused',
      says: '4403, 1 time',
      cause: '/connections',
    });
    const often = refusalRow({ ...missing, count: 128, last: minute });
    expect(refusalsLampOf(reasonsOf(often), 2 * minute)).toMatchObject({ light: 'refused', says: '4401, 128 times' });
    expect(refusalsLampOf(reasonsOf(often, refusalRow({ last: minute })), 2 * minute).says).toBe('2 reasons');
  });

  it('goes dark by itself after a while', () => {
    expect(refusalsLampOf(reasonsOf(refusalRow({ last: minute })), 17 * minute)).toMatchObject({ light: 'dark' });
  });

  it('knows nothing before the rows were read, and changes only when they say something else', () => {
    expect(refusedReasons([], false)).toBeUndefined();
    expect(isSameReasons(reasonsOf(refusalRow()), reasonsOf(refusalRow({ program: 'another' })))).toBe(true);
    expect(isSameReasons(reasonsOf(refusalRow()), reasonsOf(refusalRow({ count: 2 })))).toBe(false);
  });
});

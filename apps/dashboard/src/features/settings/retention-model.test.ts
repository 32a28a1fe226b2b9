import type { Retention } from '@telltale/hub/api';
import { describe, expect, it } from 'vitest';
import { formOf, letsGo, typed, type Kept } from './retention-model.ts';

const gibibyte = 1024 ** 3;
const retention: Retention = { runDays: 30, runBytes: 2 * gibibyte, logDays: 14, logBytes: 1.5 * gibibyte };
const form = formOf(retention);

describe('the form of retention', () => {
  it('says days and sizes as people type them, and the same comes back', () => {
    expect(form).toEqual({
      runs: { days: '30', size: '2', unit: 'GiB' },
      logs: { days: '14', size: '1.5', unit: 'GiB' },
    });
    expect(typed(form)).toEqual({ kind: 'retention', retention });
    expect(formOf({ ...retention, logBytes: 300 * 1024 ** 2 }).logs).toEqual({ days: '14', size: '300', unit: 'MiB' });
  });

  it.each<[Partial<Kept>, string]>([
    [{ days: '0' }, 'days'],
    [{ days: '1.5' }, 'days'],
    [{ days: '' }, 'days'],
    [{ days: '3651' }, 'days'],
    [{ size: '0' }, 'size'],
    [{ size: 'much' }, 'size'],
    [{ size: '' }, 'size'],
    [{ size: '1025' }, 'size'],
    [{ size: '0.5', unit: 'MiB' }, 'size'],
  ])('does not take %j', (more, field) => {
    const found = typed({ ...form, logs: { ...form.logs, ...more } });
    expect(found).toMatchObject({ kind: 'faults', runs: {} });
    expect(found.kind === 'faults' && Object.keys(found.logs)).toEqual([field]);
  });

  it('knows when something that is kept would go', () => {
    expect(letsGo(retention, { ...retention, runDays: 31 })).toBe(false);
    expect(letsGo(retention, { ...retention, logBytes: gibibyte })).toBe(true);
  });
});

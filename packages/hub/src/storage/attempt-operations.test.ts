// What the database keeps of attempts: saved anew in place, read back in order, and let go of by age, count and bytes.

import { describe, expect, it, onTestFinished } from 'vitest';
import { temporaryDirectory } from '../testing/directory.ts';
import type { AttemptSave } from './attempt-operations.ts';
import { openStorageHere, type Storage } from './storage.ts';

async function open(): Promise<Storage> {
  const storage = await openStorageHere(temporaryDirectory());
  onTestFinished(() => storage.close());
  return storage;
}

const nothing: AttemptSave = { attempts: [], refusals: [], forgottenAttempts: [], forgottenRefusals: [] };
const attempt = (id: string, at: number, change: { is_live?: number; record?: string; bytes?: number } = {}) => ({
  id,
  changed_at: at,
  is_live: 0,
  bytes: 10,
  record: `"${id}"`,
  ...change,
});
const kept = { before: 0, count: 1_000, bytes: 1e9, step: 100 };

async function idsIn(storage: Storage): Promise<readonly string[]> {
  return (await storage.attemptFacts(1_000)).records.map((record) => JSON.parse(record) as string);
}

describe('records of attempts', () => {
  it('are saved in place of what they were, and read back oldest first, the live ones in any case', async () => {
    const storage = await open();
    const attempts = [attempt('a', 1), attempt('b', 2), attempt('c', 3, { is_live: 1 }), attempt('d', 4)];
    await storage.saveAttempts({ ...nothing, attempts });
    await storage.saveAttempts({ ...nothing, attempts: [attempt('a', 5, { record: '"a again"' })] });
    expect(await storage.attempt('a')).toBe('"a again"');
    expect(await storage.attempt('nobody')).toBeUndefined();
    expect(await idsIn(storage)).toEqual(['b', 'd', 'a again', 'c']);
    expect((await storage.attemptFacts(1)).records).toEqual(['"a again"', '"c"']);
    expect((await storage.attemptFacts(1, 4)).records, 'all since then').toEqual(['"d"', '"a again"', '"c"']);
  });

  it('and rows of refusals are forgotten with what is saved, at once or not at all', async () => {
    const storage = await open();
    const refusals = [
      { id: 'r', last_at: 1, row: '"r"' },
      { id: 's', last_at: 2, row: '"s"' },
    ];
    await storage.saveAttempts({ ...nothing, attempts: [attempt('a', 1)], refusals });
    const broken = { ...nothing, forgottenAttempts: ['a'], refusals: [{ id: 't', last_at: null, row: '"t"' }] };
    await expect(storage.saveAttempts(broken as unknown as AttemptSave)).rejects.toThrow(/NOT NULL/);
    expect(await idsIn(storage)).toEqual(['a']);
    await storage.saveAttempts({ ...nothing, forgottenAttempts: ['a', 'nobody'], forgottenRefusals: ['r'] });
    expect(await storage.attemptFacts(10)).toEqual({ refusals: ['"s"'], records: [] });
  });

  it.each([
    ['age', { before: 3 }, ['c', 'd', 'live']],
    ['count', { count: 2 }, ['c', 'd', 'live']],
    ['bytes', { bytes: 15 }, ['d', 'live']],
    ['nothing', {}, ['a', 'b', 'c', 'd', 'live']],
  ])('beyond a bound of %s go, the oldest first, and never one whose session lives', async (_what, bound, left) => {
    const storage = await open();
    const live = attempt('live', 0, { is_live: 1 });
    const attempts = [live, ...['a', 'b', 'c', 'd'].map((id, index) => attempt(id, index + 1))];
    await storage.saveAttempts({ ...nothing, attempts });
    expect(await storage.dropAttempts({ ...kept, ...bound })).toBe(false);
    expect(await idsIn(storage)).toEqual(left);
  });

  it('whose sessions lived are over when the hub begins anew, and go like the others', async () => {
    const storage = await open();
    await storage.saveAttempts({ ...nothing, attempts: [attempt('live', 1, { is_live: 1 }), attempt('a', 2)] });
    await storage.endLiveAttempts();
    await storage.dropAttempts({ ...kept, count: 1 });
    expect(await idsIn(storage)).toEqual(['a']);
  });

  it('go in steps, and rows of refusals by their age', async () => {
    const storage = await open();
    const attempts = Array.from({ length: 5 }, (_, index) => attempt(`a${index}`, index));
    await storage.saveAttempts({ ...nothing, attempts, refusals: [{ id: 'r', last_at: 4, row: '"r"' }] });
    const all = { ...kept, before: 5, step: 2 };
    expect([await storage.dropAttempts(all), (await idsIn(storage)).length]).toEqual([true, 3]);
    expect([await storage.dropAttempts(all), await storage.dropAttempts(all)]).toEqual([true, false]);
    expect(await storage.attemptFacts(10)).toEqual({ refusals: [], records: [] });
  });
});

// Refusals folded into rows: what is the same, what a flood costs, and how seldom a row is written.

import type { Attempt, Refusal } from '@telltale/gateway';
import { describe, expect, it } from 'vitest';
import { factsOf } from './attempt-record.ts';
import { RefusalRows, refusalBounds } from './refusal-rows.ts';
import { attemptFrom, refusalOf } from './testing/attempts.ts';

const minuteMs = 60_000;

function setUp() {
  const rows = new RefusalRows();
  let number = 0;
  const add = (change: Partial<Attempt> = {}, now = 0, parts: Partial<Refusal> = {}) => {
    const attempt = attemptFrom({ attempt: `attempt-${number++}`, ...change });
    return rows.add(factsOf(attempt), refusalOf(attempt, parts), undefined, now);
  };
  return { rows, add };
}

describe('a refusal', () => {
  it('[REC3] that repeats is one row: first, last, count, and the newest attempt with its own words', () => {
    const { rows, add } = setUp();
    const { row } = add({}, 1_000, { reason: 'expired 1 s ago' });
    add({}, 2_000, { reason: 'expired 2 s ago' });
    const last = add({}, 3_000, { reason: 'expired 3 s ago' }).row;
    expect(last).toMatchObject({ id: row.id, first: 1_000, last: 3_000, count: 3, reason: 'expired 3 s ago' });
    expect(last.attempt).toBe('attempt-2');
    expect([...rows.all()]).toEqual([last]);
    expect(rows.get(row.id)).toBe(last);
  });

  it.each([
    ['address', { address: '10.0.0.2' }, {}],
    ['origin', { origin: 'https://other.example' }, {}],
    ['path', { path: '/ws/dashboard/' }, {}],
    ['program', { userAgent: 'curl/8' }, {}],
    ['name', {}, { name: 'token-expired' }],
    ['reason', {}, { reason: 'the token was sent twice' }],
    ['hint', {}, { hint: 'Send one only.' }],
    ['detail', {}, { detail: 'the key "b" is not known' }],
    ['setting', {}, { setting: 'TELLTALE_ALLOWED_ORIGINS=https://a.example' }],
  ] as const)('of another %s is another row', (_what, change, parts) => {
    const { rows, add } = setUp();
    add();
    add(change, 0, parts);
    expect([...rows.all()].map(({ count }) => count)).toEqual([1, 1]);
  });

  it('after an hour of quiet begins anew, so that a row is about one time', () => {
    const { rows, add } = setUp();
    add({}, 0);
    add({}, refusalBounds.quietMs - 1);
    add({}, 2 * refusalBounds.quietMs);
    expect([...rows.all()].map(({ count }) => count)).toEqual([2, 1]);
  });

  it('gives the line to add, and no name of a setting for one', () => {
    const { add } = setUp();
    const setting = 'TELLTALE_ALLOWED_ORIGINS=https://a.example,https://b.example';
    expect(add({}, 0, { setting }).row.setting).toBe(setting);
    expect(add({}, 0, { setting: 'TELLTALE_SECRET' }).row.setting).toBeNull();
    expect(add({}, 0, { setting: 'limits.maxSessions' }).row.setting).toBeNull();
  });
});

describe('a flood', () => {
  it('keeps the records of the newest attempts of a row only', () => {
    const { add } = setUp();
    const forgotten = Array.from({ length: 1_000 }, () => add().forgotten).flat();
    expect(forgotten).toEqual(Array.from({ length: 1_000 - refusalBounds.records }, (_, index) => `attempt-${index}`));
  });

  it.each([
    ['origin', (index: number) => ({ origin: `https://${index}.example` }), () => ({})],
    ['detail', () => ({}), (index: number) => ({ detail: `found key "${index.toString(36).replaceAll(/\d/g, 'z')}"` })],
  ] as const)('of another %s each time is few rows all the same, and counted whole', (_what, change, parts) => {
    const { rows, add } = setUp();
    for (let index = 0; index < 1_000; index++) add(change(index), 0, parts(index));
    const all = [...rows.all()];
    expect(all).toHaveLength(refusalBounds.variations);
    expect(all.reduce((sum, { count }) => sum + count, 0)).toBe(1_000);
  });

  it('[REC3] changes one row a second of one address and reason, and in the end each as it is', () => {
    const { rows, add } = setUp();
    const written: number[] = [];
    for (let ms = 0; ms < 5_000; ms++) {
      add({ origin: `https://${ms % 3}.example` }, ms);
      if (ms % 250 === 0) written.push(rows.takeChanged(ms).length);
    }
    expect(Math.max(...written)).toBe(1);
    expect(written.reduce((sum, count) => sum + count, 0)).toBe(5);
    const last = new Map([6, 7, 8].flatMap((second) => rows.takeChanged(second * 1_000).map((row) => [row.id, row])));
    expect([...last.values()]).toEqual([...rows.all()]);
    expect(rows.takeChanged(minuteMs)).toEqual([]);
  });

  it('from everywhere pushes out the rows that came last the longest ago, and says which', () => {
    const { rows, add } = setUp();
    const removed = Array.from({ length: refusalBounds.rows + 10 }, (_, index) => {
      const { row, removed: gone, forgotten } = add({ address: `10.0.${index >> 8}.${index & 255}` }, index);
      return { id: row.id, gone, forgotten };
    });
    expect([...rows.all()]).toHaveLength(refusalBounds.rows);
    const ids = removed.map(({ id }) => id);
    expect(removed.flatMap(({ gone }) => gone)).toEqual(ids.slice(0, 10));
    expect(removed.flatMap(({ forgotten }) => forgotten)).toEqual(ids.slice(0, 10).map((_, n) => `attempt-${n}`));
    expect(rows.get(ids[0] ?? '')).toBeUndefined();
  });

  it('of one IPv6 network counts as of one address', () => {
    const { rows, add } = setUp();
    for (let index = 0; index < 100; index++) add({ address: `2001:db8::${index}` }, index);
    expect([...rows.all()]).toHaveLength(refusalBounds.variations);
    expect(rows.takeChanged(1_000)).toHaveLength(1);
  });
});

describe('a row that was stored', () => {
  it('goes on where it was', () => {
    const { add } = setUp();
    const { row } = add({}, 1_000);
    const rows = new RefusalRows();
    rows.restore(row, [row.attempt]);
    const attempt = attemptFrom({ attempt: 'after' });
    const next = rows.add(factsOf(attempt), refusalOf(attempt), undefined, 2_000);
    expect(next.row).toMatchObject({ id: row.id, first: 1_000, last: 2_000, count: 2, attempt: 'after' });
    expect(rows.takeChanged(2_000)).toEqual([next.row]);
  });
});

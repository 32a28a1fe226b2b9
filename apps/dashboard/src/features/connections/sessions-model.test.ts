import { describe, expect, it } from 'vitest';
import { ordered, orderFrom, sessionView, sessionViews, usualOrder, type SessionOrder } from './sessions-model.ts';
import { sessionRow } from './testing/rows.ts';

const moment = { now: 60_000, own: 's-own' };

describe('a session in the table', () => {
  it('says who, from where, for how long, and how it fares', () => {
    expect(
      sessionView(sessionRow({ since: 20_000, sentBytes: 84_000_000, sentMessages: 12_000 }), moment),
    ).toMatchObject({
      who: 'ada',
      kind: '',
      origin: 'ops.example.com',
      since: '40 s',
      roundTrip: '38 ms',
      channels: '14',
      behind: undefined,
      bytes: '84.0 MB',
      messages: '12\u2009000',
    });
  });

  it('tells agents, nobody in particular and this very page apart', () => {
    const kindOf = (more: Parameters<typeof sessionRow>[0]): string => sessionView(sessionRow(more), moment).kind;
    expect(kindOf({ kind: 'agent', user: 'web-1' })).toBe('agent');
    expect(kindOf({ kind: 'anonymous', user: 'anonymous' })).toBe('');
    expect(kindOf({ session: 's-own' })).toBe('this page');
  });

  it('keeps the scheme of an origin that is not https, and says where none was sent', () => {
    expect(sessionView(sessionRow({ origin: 'http://localhost:8000' }), moment).origin).toBe('http://localhost:8000');
    expect(sessionView(sessionRow({ origin: null }), moment).origin).toBeUndefined();
  });

  it('says for how long it is behind, or how many of its channels are where nobody told since when', () => {
    expect(sessionView(sessionRow({ behind: 2, behindSince: 54_000 }), moment).behind).toBe('6 s');
    expect(sessionView(sessionRow({ behind: 2 }), moment).behind).toBe('2 of its channels');
  });

  it('is the same object as long as it says the same', () => {
    const rows = [sessionRow({ session: 'a', since: 0 }), sessionRow({ session: 'b', since: 59_000 })];
    const first = sessionViews(rows, { ...moment, now: 120_000 }, new Map());
    const held = new Map(first.map((view) => [view.row.session, view]));
    const second = sessionViews(rows, { ...moment, now: 117_000 }, held);
    expect(sessionViews(rows, { ...moment, now: 120_500 }, held)[0]).toBe(first[0]);
    expect(second[1]).not.toBe(first[1]);
  });
});

describe('the order of sessions', () => {
  const views = [
    sessionRow({ session: 'young', user: 'bob', since: 50_000, roundTripMs: null }),
    sessionRow({ session: 'old', user: 'ada', since: 1_000, roundTripMs: 3 }),
    sessionRow({ session: 'late', user: 'wall-10', since: 40_000, behind: 1, behindSince: 55_000, roundTripMs: 400 }),
    sessionRow({ session: 'later', user: 'wall-9', since: 45_000, behind: 1, behindSince: 50_000 }),
  ].map((row) => sessionView(row, moment));
  const names = (order: SessionOrder): readonly string[] => ordered(views, order).map(({ row }) => row.session);

  it('begins with who has been behind longest, then who has been here longest', () => {
    expect(names(usualOrder)).toEqual(['later', 'late', 'old', 'young']);
  });

  it('sorts by what a head names, numbers in names as numbers, unknown values last', () => {
    expect(names({ column: 'since', direction: 'descending' })).toEqual(['old', 'late', 'later', 'young']);
    expect(names({ column: 'who', direction: 'ascending' })).toEqual(['old', 'young', 'later', 'late']);
    expect(names({ column: 'trip', direction: 'ascending' }).at(-1)).toBe('young');
    expect(names({ column: 'trip', direction: 'descending' }).at(-1)).toBe('young');
  });

  it('takes an address only at its word', () => {
    expect(orderFrom('trip', 'ascending')).toEqual({ column: 'trip', direction: 'ascending' });
    expect(orderFrom('constructor', null)).toBe(usualOrder);
    expect(orderFrom(null, null)).toBe(usualOrder);
  });
});

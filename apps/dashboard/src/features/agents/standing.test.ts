import type { AgentRow, VitalsRow } from '@telltale/hub/api';
import { describe, expect, it } from 'vitest';
import { copyDetail, saidOf, saidOfCopy, type Moment } from './standing.ts';
import { agentRow, vitalsRow } from './testing/rows.ts';

const now = new Date(2026, 9, 4, 14, 7, 2).getTime();
const ago = (seconds: number): number => now - seconds * 1_000;
const moment: Moment = { now, heardAt: now, isUp: true, hubVersion: '0.4.1' };
const say = (row: Partial<AgentRow>, vitals?: VitalsRow, more: Partial<Moment> = {}): string =>
  saidOf(agentRow('a', { since: ago(600), ...row }), vitals, { ...moment, ...more }).says;
const sampled = (seconds: number, more: Partial<VitalsRow> = {}): VitalsRow => vitalsRow('a', ago(seconds), more);

describe('what is said of an agent', () => {
  it.each<[string, Partial<AgentRow>, VitalsRow | undefined]>([
    ['Live', {}, sampled(1)],
    ['Late 12 s', {}, sampled(22)],
    ['Late 12 s. Its clock is 4.1 s ahead', { clockOffsetMs: 4_100 }, sampled(22)],
    ['Live. Its clock is 2 min 3 s behind', { clockOffsetMs: -123_000 }, sampled(1)],
    ['Catching up, 2 min 10 s behind', { behindMs: 130_000 }, sampled(1)],
    ['Live. Version too old for runs, update to 0.4', { isTooOld: true }, sampled(1)],
    ['No sample since 14:03:02, 4 min ago. Its line is open', {}, sampled(240)],
    ['No sample yet. Its line is open', {}, undefined],
    ['Line lost 14:03:02, 4 min ago. It did not say goodbye', { state: 'lost', since: ago(240) }, sampled(240)],
    ['Closed by its machine at 12:40, shutting down', closed('shutting down'), undefined],
    ['Closed by its machine at 12:40', closed(null), undefined],
    ['Never seen. Its enrolment token is valid 41 min more', never(41 * 60), undefined],
    ['Never seen. Its enrolment token has run out', never(-1), undefined],
    ['Runs only, last seen 14:03:02, 4 min ago', { state: 'runs-only', lastSeenAt: ago(240) }, undefined],
    ['Revoked at 12:40', { ...closed(null), state: 'revoked' }, undefined],
  ])('is %j', (words, row, vitals) => {
    expect(say(row, vitals)).toBe(words);
  });

  it('counts from the interval the sample promised', () => {
    expect(say({}, sampled(12, { intervalMs: 5_000 }))).toBe('Late 7 s');
    expect(say({}, sampled(12))).toBe('Live');
  });

  it('does not call an agent late that reports faster than its row is told', () => {
    expect(say({}, sampled(5, { intervalMs: 1_000 }))).toBe('Live');
    expect(say({}, sampled(7, { intervalMs: 1_000 }))).toBe('Late 4 s');
  });

  it('does not hold a silence from before its line was opened against it', () => {
    expect(say({ since: ago(3) }, sampled(240))).toBe('Live');
    expect(say({ since: ago(3) })).toBe('Live');
  });

  it('blames no agent for the time in which the hub was not heard', () => {
    expect(say({}, sampled(100), { heardAt: ago(95) })).toBe('Live');
    expect(say({}, sampled(100), { heardAt: now })).toContain('No sample since');
  });

  it('is what was known, and that it may not hold, while this page has no line', () => {
    const away = { isUp: false, heardAt: ago(240) };
    expect(say({}, sampled(241), away)).toBe('Unknown. Live at 14:03:02');
    expect(say({ state: 'lost', since: ago(600) }, undefined, away)).toBe('Unknown. Line lost 13:57:02');
    expect(saidOf(agentRow('a'), sampled(241), { ...moment, ...away }).thread).toBe('offline');
    expect(saidOfCopy({ ...moment, isUp: false }).says).toMatch(/^Unknown\. Refused/);
  });

  it('has a day where it was another one', () => {
    expect(say({ state: 'lost', since: ago(86_400) })).toBe(
      'Line lost 2026-10-03 14:07, 1 d 0 h ago. It did not say goodbye',
    );
  });

  it('shows what a machine wrote as text that cannot reorder the line', () => {
    expect(say({ ...closed('\u202Egoodbye') })).toContain('\uFFFDgoodbye');
    expect(copyDetail({ title: '\u202Eevil', address: '10.0.0.9', since: 0, at: ago(240), count: 3 }, now)).toBe(
      '\uFFFDevil at 10.0.0.9, 3 tries, the last 14:03:02',
    );
    expect(copyDetail({ title: '10.0.0.9', address: '10.0.0.9', since: 0, at: ago(0), count: 1 }, now)).toBe(
      '10.0.0.9, 1 try, the last 14:07:02',
    );
  });
});

function closed(reason: string | null): Partial<AgentRow> {
  return { state: 'closed', since: new Date(2026, 9, 4, 12, 40).getTime(), reason };
}
function never(seconds: number): Partial<AgentRow> {
  return { state: 'never-seen', expiresAt: now + seconds * 1_000 };
}

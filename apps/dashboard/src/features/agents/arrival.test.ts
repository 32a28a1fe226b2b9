import { describe, expect, it } from 'vitest';
import { arrivalOf, type Asked } from './arrival.ts';
import { agentRow } from './testing/rows.ts';

const asked: Asked = { name: 'edge-4', madeAt: 1_000, expiresAt: 61_000, before: new Set(['local', 'web-1']) };
const waits = agentRow('edge-4', { state: 'never-seen' });

describe('an enrolment', () => {
  it('waits until its agent comes, under the name it was given', () => {
    expect(arrivalOf(asked, [], 2_000)).toEqual({ kind: 'waiting' });
    expect(arrivalOf(asked, [waits, agentRow('other', { since: 1_500 })], 2_000)).toEqual({ kind: 'waiting' });
    const come = agentRow('edge-4', { since: 1_500 });
    expect(arrivalOf(asked, [come], 2_000)).toEqual({ kind: 'arrived', agent: 'edge-4' });
    expect(arrivalOf(asked, [{ ...come, state: 'lost' }], 90_000)).toEqual({ kind: 'arrived', agent: 'edge-4' });
  });

  it('without a name takes the first agent that was not there before', () => {
    const unnamed = { ...asked, name: undefined };
    expect(arrivalOf(unnamed, [agentRow('web-1', { since: 1_500 })], 2_000)).toEqual({ kind: 'waiting' });
    expect(arrivalOf(unnamed, [agentRow('ip-10-0-0-7')], 2_000)).toEqual({ kind: 'arrived', agent: 'ip-10-0-0-7' });
  });

  it('for a name that is known waits for what comes after it was made', () => {
    const again = { ...asked, before: new Set(['edge-4']) };
    expect(arrivalOf(again, [agentRow('edge-4', { state: 'revoked', since: 500 })], 2_000)).toEqual({
      kind: 'waiting',
    });
    expect(arrivalOf(again, [agentRow('edge-4', { state: 'lost', since: 500 })], 2_000)).toEqual({ kind: 'waiting' });
    expect(arrivalOf(again, [agentRow('edge-4', { since: 1_500 })], 2_000).kind).toBe('arrived');
  });

  it('says when a machine was refused in its name, and when its token has run out', () => {
    const conflict = { title: 'copy', address: '10.0.0.9', since: 0, at: 1_700, count: 1 };
    expect(arrivalOf(asked, [agentRow('edge-4', { conflict })], 2_000)).toEqual({ kind: 'refused', agent: 'edge-4' });
    expect(arrivalOf(asked, [waits], 61_000)).toEqual({ kind: 'expired' });
  });
});

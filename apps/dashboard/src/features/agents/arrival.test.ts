import type { AgentRow } from '@telltale/hub/api';
import { describe, expect, it } from 'vitest';
import { arrivalOf, isListed } from './arrival.ts';
import { agentRow } from './testing/rows.ts';

const asked = { id: 'this-one', name: 'edge-4', expiresAt: 61_000 };
const conflict = { title: 'copy', address: '10.0.0.9', since: 0, at: 1_700, count: 1 };
/** An agent whose credential came of an enrolment at 1,500. */
const row = (enrolment: string, more: Partial<AgentRow> = {}): AgentRow =>
  agentRow('edge-4', { credential: { enrolment, since: 1_500 }, ...more });

describe('an enrolment', () => {
  it.each<[string, readonly AgentRow[]]>([
    ['nobody is there', []],
    ['only its name is known', [agentRow('edge-4', { state: 'never-seen' })]],
    ['another machine reports under its name', [row('another', { lastSeenAt: 1_900 })]],
    ['that one comes back', [row('another', { since: 1_900, lastSeenAt: 1_900 })]],
    ['that one is lost', [row('another', { state: 'lost', since: 1_900, lastSeenAt: 1_900 })]],
    ['somebody else has the credential of that one', [row('another', { conflict })]],
    ['other agents come', [agentRow('other', { since: 1_900, lastSeenAt: 1_900 })]],
  ])('waits while %s', (_case, rows) => {
    expect(arrivalOf(asked, rows, 2_000, false)).toEqual({ kind: 'waiting' });
    expect(arrivalOf(asked, rows, 61_000, false)).toEqual({ kind: 'expired' });
  });

  it.each<[string, Partial<AgentRow>]>([
    ['has not been seen', { state: 'never-seen', lastSeenAt: null }],
    [
      'was seen before, under the credential that this one replaces',
      { state: 'lost', since: 1_501, lastSeenAt: 1_499 },
    ],
  ])('is used where its agent %s', (_case, more) => {
    expect(arrivalOf(asked, [row('another'), row('this-one', more)], 2_000, true)).toEqual({
      kind: 'enrolled',
      agent: 'edge-4',
    });
  });

  it.each<AgentRow['state']>(['live', 'lost', 'closed', 'runs-only'])(
    'has brought its agent once that was seen, though it is %s now',
    (state) => {
      const rows = [row('this-one', { state, lastSeenAt: 1_500 })];
      expect(arrivalOf(asked, rows, 90_000, true)).toEqual({ kind: 'arrived', agent: 'edge-4' });
    },
  );

  it.each<[string, readonly AgentRow[]]>([
    ['nothing waits under its name any more', []],
    ['its agent stays as it was', [row('another', { lastSeenAt: 1_900 })]],
    ['another was made for the name', [row('another', { expiresAt: 62_000 })]],
  ])('was ended where %s', (_case, rows) => {
    const waiting = [row('another', { expiresAt: asked.expiresAt })];
    expect(isListed(asked, waiting)).toBe(true);
    expect(isListed(asked, rows)).toBe(false);
    expect(arrivalOf(asked, waiting, 2_000, true)).toEqual({ kind: 'waiting' });
    expect(arrivalOf(asked, rows, 2_000, true)).toEqual({ kind: 'ended' });
    // Of a token that runs out the hub is the first to know.
    for (const now of [58_500, 61_000]) expect(arrivalOf(asked, rows, now, true)).toEqual({ kind: 'expired' });
    expect(arrivalOf(asked, waiting, 60_999, true)).toEqual({ kind: 'waiting' });
  });

  it('says when another machine came with the credential it became', () => {
    expect(arrivalOf(asked, [row('this-one', { conflict })], 2_000, true)).toEqual({
      kind: 'refused',
      agent: 'edge-4',
    });
  });
});

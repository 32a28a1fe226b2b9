import type { Cause, ConnectionState } from '@telltale/client';
import { describe, expect, it } from 'vitest';
import { lineOf, returnsAfterMs } from './line.ts';

const cause = (code: number, name: string): Cause => ({
  code,
  name,
  reason: `reason of ${name}`,
  hint: 'A hint.',
  next: 'retry',
  wasClean: false,
  attempt: 'a',
});
const waiting = (code: number, name: string): ConnectionState => ({
  kind: 'waiting',
  attempt: 'a',
  tries: 1,
  retryAt: 0,
  cause: cause(code, name),
});

describe('how the line stands', () => {
  it.each([
    [1006, 'no-close-frame', undefined, 'the line broke'],
    [1006, 'no-close-frame', 'ECONNRESET', 'the line broke (ECONNRESET)'],
    [1006, 'unreachable', undefined, 'the line broke'],
    [1006, 'unreachable', 'ECONNREFUSED', 'nothing listens there (ECONNREFUSED)'],
    [1006, 'no-close-frame', 'ENOTFOUND', 'its name is not known here (ENOTFOUND)'],
    [1006, 'no-close-frame', 'EHOSTUNREACH', 'it cannot be reached (EHOSTUNREACH)'],
    [
      1006,
      'no-close-frame',
      'SELF_SIGNED_CERT_IN_CHAIN',
      'its certificate is not accepted here (SELF_SIGNED_CERT_IN_CHAIN)',
    ],
    [1006, 'no-close-frame', 'HTTP 502', 'what answers there takes no WebSocket (HTTP 502)'],
    [1006, 'silent', 'ECONNREFUSED', 'reason of silent'],
    [1006, 'connect-timeout', undefined, 'reason of connect-timeout'],
    [1012, 'restart', undefined, 'reason of restart'],
  ])('is told in words: %s %s %s', (code, name, trouble, reason) => {
    expect(lineOf(waiting(code, name), trouble)).toMatchObject({ kind: 'away', reason });
  });

  it('tells apart what an administrator may undo and what is for good', () => {
    const closed = (code: number, name: string): ConnectionState => ({ kind: 'closed', cause: cause(code, name) });
    expect(lineOf(closed(4403, 'machine-mismatch'), undefined)).toMatchObject({ kind: 'refused', code: 4403 });
    for (const name of ['agent-revoked', 'machine-changed', 'replaced']) {
      expect(lineOf(closed(4410, name), undefined)).toMatchObject({ kind: 'ended', name });
      expect(returnsAfterMs({ code: 4410, name }, 0)).toBeUndefined();
    }
  });

  it('looks again soon at first, and at last once a minute', () => {
    const waits = [0, 1, 2, 3, 4, 5, 50].map((refusals) =>
      returnsAfterMs({ code: 4403, name: 'machine-mismatch' }, refusals),
    );
    expect(waits).toEqual([5000, 10_000, 20_000, 40_000, 60_000, 60_000, 60_000]);
    expect(returnsAfterMs({ code: 4410, name: 'ended-by-operator' }, 9)).toBe(2000);
  });
});

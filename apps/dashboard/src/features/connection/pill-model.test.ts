import type { Cause, ConnectionState } from '../../live/connection.ts';
import { describe, expect, it } from 'vitest';
import { hopsOf, copyableLine, isUnexplained, pillOf, type PillQuestion } from './pill-model.ts';

const at = new Date(2026, 0, 2, 14, 5, 10).getTime();
const cause = (code: number, name: string, next: Cause['next'] = 'stop'): Cause => ({
  code,
  name,
  next,
  reason: 'r',
  hint: 'h',
  wasClean: true,
  attempt: 'a',
});
const open = { kind: 'open', session: 's', since: at, mode: 'development' } as unknown as ConnectionState;

function ask(more: Partial<PillQuestion>): ReturnType<typeof pillOf> {
  return pillOf({
    state: open,
    roundTripMs: 38,
    now: at,
    localNow: at,
    newest: { at: at - 400, intervalMs: 1_000 },
    sourceSilent: true,
    catchingUp: false,
    pausedAt: undefined,
    ...more,
  });
}
const said = (more: Partial<PillQuestion>): string => {
  const { says, detail, aside } = ask(more);
  return [says, detail, aside].filter((part) => part !== undefined).join(' · ');
};

describe('the pill says exactly', () => {
  it.each<[string, Partial<PillQuestion>]>([
    ['Live · 38 ms · newest 0.4 s', {}],
    ['Catching up · 6 s behind', { catchingUp: true, newest: { at: at - 6_000, intervalMs: 1_000 } }],
    ['Paused · at 14:05:10', { pausedAt: at }],
    [
      'Reconnecting in 4 s · try 3',
      { state: { kind: 'waiting', attempt: 'a', tries: 2, retryAt: at + 3_400, cause: cause(1006, 'no-close-frame') } },
    ],
    [
      'Connecting, try 3',
      { state: { kind: 'connecting', attempt: 'a', since: at, tries: 3, cause: cause(1006, 'no-close-frame') } },
    ],
    ['Connecting', { state: { kind: 'connecting', attempt: 'a', since: at, tries: 1 } }],
    [
      'Offline since 14:05 · this browser has no network',
      { state: { kind: 'offline', since: at, cause: cause(1006, 'no-close-frame') } },
    ],
    ['Refused: origin not allowed · 4403', { state: { kind: 'closed', cause: cause(4403, 'origin-not-allowed') } }],
    ['Session ended by an operator · 4410', { state: { kind: 'closed', cause: cause(4410, 'ended-by-operator') } }],
    ['Login ended · 4401', { state: { kind: 'closed', cause: cause(4401, 'token-session-ended', 'sign-in') } }],
    ['Account disabled · 4410', { state: { kind: 'closed', cause: cause(4410, 'account-disabled') } }],
    ['Late 3 s · 38 ms', { newest: { at: at - 3_000, intervalMs: 1_000 } }],
    ['No data since 14:05:00 · 38 ms', { newest: { at: at - 10_000, intervalMs: 1_000 } }],
  ])('%s', (words, question) => {
    expect(said(question)).toBe(words);
  });
});

describe('the pill offers', () => {
  it('signing in where that is the cure, and what to do where it is not', () => {
    expect(ask({ state: { kind: 'closed', cause: cause(4410, 'ended-by-operator') } }).action).toBe('sign-in');
    expect(ask({ state: { kind: 'closed', cause: cause(4401, 'token-missing', 'sign-in') } }).action).toBe('sign-in');
    expect(ask({ state: { kind: 'closed', cause: cause(4403, 'origin-not-allowed') } }).action).toBe('explain');
  });

  it('no countdown below one second, so that it never says "in 0 s"', () => {
    const state: ConnectionState = {
      kind: 'waiting',
      attempt: 'a',
      tries: 1,
      retryAt: at - 50,
      cause: cause(1006, 'no-close-frame'),
    };
    expect(ask({ state }).says).toBe('Reconnecting in 1 s');
  });
});

describe('the panel', () => {
  it('cuts the hop that is broken, and claims nothing about what it cannot know', () => {
    expect(hopsOf(ask({}))).toEqual(['reached', 'reached']);
    const silent = { newest: { at: at - 10_000, intervalMs: 1_000 } };
    expect(hopsOf(ask(silent))).toEqual(['reached', 'cut']);
    expect(hopsOf(ask({ ...silent, sourceSilent: false }))).toEqual(['unknown', 'unknown']);
    expect(hopsOf(ask({ state: { kind: 'closed', cause: cause(4403, 'origin-not-allowed') } }))).toEqual([
      'cut',
      'unknown',
    ]);
  });

  it('finds the line to copy in a hint', () => {
    expect(copyableLine('Add it: TELLTALE_ALLOWED_ORIGINS=https://ops.example.com, then restart.')).toBe(
      'TELLTALE_ALLOWED_ORIGINS=https://ops.example.com',
    );
    expect(copyableLine('Run "telltale user add jonas".')).toBe('telltale user add jonas');
    expect(copyableLine('Wait a little.')).toBeUndefined();
  });
});

describe('a line that is away', () => {
  const waiting = (of: Cause): ConnectionState => ({ kind: 'waiting', attempt: 'a', tries: 2, retryAt: 0, cause: of });

  it('is looked into where only the browser has said that it is, and tells no page why', () => {
    expect(isUnexplained(waiting(cause(1006, 'no-close-frame')))).toBe(true);
    expect(isUnexplained({ kind: 'offline', since: 0, cause: cause(1006, 'no-close-frame') })).toBe(true);
  });

  it('needs no look where the hub has said why, where nothing was tried, or where it was closed on purpose', () => {
    expect(isUnexplained(waiting(cause(4503, 'stopping')))).toBe(false);
    expect(isUnexplained(waiting(cause(1012, 'restart')))).toBe(false);
    expect(isUnexplained({ kind: 'closed', cause: cause(4403, 'origin-not-allowed') })).toBe(false);
    expect(isUnexplained({ kind: 'closed', cause: cause(1000, 'closed') })).toBe(false);
    expect(isUnexplained({ kind: 'connecting', attempt: 'a', tries: 1 } as ConnectionState)).toBe(false);
    expect(isUnexplained(open)).toBe(false);
  });
});

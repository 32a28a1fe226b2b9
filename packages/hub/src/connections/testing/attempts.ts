// Attempts, refusals and sessions as a gateway tells of them, for tests of the recorder that need no sockets.

import type { Attempt, Decision, Refusal, SessionView } from '@telltale/gateway';

export function attemptFrom(change: Partial<Attempt> = {}): Attempt {
  return {
    attempt: 'a'.repeat(22),
    time: 1_000,
    address: '10.0.0.1',
    origin: 'https://page.example',
    userAgent: 'Mozilla/5.0',
    path: '/ws/',
    title: 'Live',
    proxies: [],
    untrustedProxy: undefined,
    ...change,
  };
}

export function refusalOf({ attempt, address, origin, path }: Attempt, change: Partial<Refusal> = {}): Refusal {
  return {
    code: 4401,
    name: 'token-missing',
    stage: 'credential',
    reason: 'no token was sent',
    hint: 'Send one.',
    retry: false,
    attempt,
    address,
    origin,
    path,
    ...change,
  };
}

export const decision: Decision = {
  steps: [
    { stage: 'route', outcome: 'passed', found: '/ws/' },
    { stage: 'form', outcome: 'refused', found: undefined },
  ],
  decidedMs: 0.4,
};

/** A session of `ada` whose figures are given. */
export function sessionOf(attempt: Attempt, change: Partial<SessionView> = {}): SessionView {
  return {
    id: `session of ${attempt.attempt}`,
    attempt,
    identity: { id: 'i', issuer: 'test', subject: 'ada', kind: 'user', scope: 'viewer' },
    sid: undefined,
    jti: undefined,
    since: 2_000,
    channels: ['runs', 'agents'],
    roundTripMs: 12.34,
    sentBytes: 100,
    sentMessages: 3,
    receivedBytes: 50,
    receivedFrames: 2,
    unansweredBytes: 0,
    behind: 0,
    behindSince: undefined,
    ...change,
  };
}

// Looks at the credential: typing and programming errors, and the times it names by the server's clock and by ours.
// Nothing of its text is ever repeated.

import { span } from '@telltale/protocol/explain';
import { type Claims, tokenTimeFault } from '@telltale/protocol/token';
import type { Facts } from './facts.ts';
import { failed, type Finding, notOpened, ok, unknown, warning } from './finding.ts';
import { socketWorks } from './look-at-socket.ts';
import { isAnswered } from './look-at-way.ts';

/** What is said to a token that is none, of whichever server. */
const refusedForIt: readonly string[] = [
  ...notOpened,
  ...['socket-refused', 'handshake-401', 'handshake-403', 'refused', 'closed-1008', 'closed-3000', 'closed-4401'],
  ...['closed-4403', 'closed-4419'],
];

export function lookAtToken(facts: Facts): Finding {
  const { token } = facts;
  if (token.kind === 'none') return ok('token', 'none is sent');
  if (token.kind === 'unavailable') {
    if (facts.isOpen) return unknown('token', 'the application supplied none in time');
    return troubleOf(facts)('token', {
      name: 'token-unavailable',
      hop: 'page',
      found: 'the application failed to supply a token, or did not in time',
      todo: 'See whether the server that gives tokens answers, and what the function `token` of the connection does.',
    });
  }
  const { reading, length } = token;
  const trouble = troubleOf(facts);
  switch (reading.kind) {
    case 'opaque':
      return ok('token', `${length} characters that are no JWT; only the server can judge them`);
    case 'broken':
      return trouble('token', {
        name: reading.id,
        hop: 'token',
        found: `the token is not one to send: ${reading.found}`,
        todo: `${reading.cure.charAt(0).toUpperCase()}${reading.cure.slice(1)}.`,
        explains: refusedForIt,
      });
    case 'jwt':
      return times(facts, reading.claims);
  }
}

/** How much a fault of the token matters: where nobody could have read it, something else is the cause. */
function troubleOf(facts: Facts): typeof failed {
  return socketWorks(facts) || !isAnswered(facts) ? warning : failed;
}

function times(facts: Facts, claims: Claims): Finding {
  const { now, clockAheadMs = 0 } = facts;
  const serverNow = now + clockAheadMs;
  const [ours, theirs] = [tokenTimeFault(claims, now), tokenTimeFault(claims, serverNow)];
  const fault = theirs ?? ours;
  if (fault === undefined) {
    const { expiresAt } = claims;
    if (expiresAt === undefined && facts.socket?.kind === 'opened' && facts.socket.refusal !== undefined) {
      return failed('token', {
        name: 'token-expiry-missing',
        hop: 'token',
        found: 'the token has no claim exp, and tokens that never expire are not taken',
        todo: 'Set exp when signing, 15 minutes ahead for example.',
        explains: ['refused-token-expiry-missing'],
      });
    }
    const left = expiresAt === undefined ? 'it names no end' : `valid for another ${span(expiresAt - serverNow)}`;
    return ok('token', `a JWT, ${claims.algorithm}, ${left}`);
  }
  const trouble = theirs === undefined ? warning : troubleOf(facts);
  if ((ours === undefined) !== (theirs === undefined)) {
    const off = `${span(Math.abs(clockAheadMs))} ${clockAheadMs > 0 ? 'ahead' : 'behind'}`;
    return trouble('token', {
      name: 'token-clock',
      hop: 'token',
      found: `the token: ${fault.found} by the clock of ${theirs === undefined ? 'this device' : 'the server'} alone, which is ${off}`,
      todo: 'Let both set their clocks by NTP; the token itself is good.',
      explains: [...refusedForIt, 'clock-off'],
    });
  }
  return trouble('token', {
    name: fault.id,
    hop: 'token',
    found: `the token: ${fault.found}`,
    todo:
      fault.id === 'token-expired'
        ? 'Get a new one right before connecting, and renew it before it expires.'
        : 'Compare the clock of the machine that signs it with this one.',
    explains: refusedForIt,
  });
}

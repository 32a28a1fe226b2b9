// The times a token names, by the server's clock and by ours, beside what the server said to it.

import { type Check, done, type Exam, fail, pass, skip, type Trouble, warn } from '../check.ts';
import { span } from '../meaning/clause.ts';
import { type Claims, readToken } from '../meaning/jwt.ts';
import { refusedForIt } from './token.ts';

/** By how much clocks may differ, in milliseconds. */
const toleranceMs = 5000;

export const claims: Check = {
  name: 'claims',
  title: 'token times',
  run(exam) {
    const { options, target, facts } = exam;
    const reading = readToken(options.token ?? target.token ?? '');
    if (reading.kind !== 'jwt') return skip();
    const { expiresAt } = reading.claims;
    const now = Date.now();
    const serverNow = now + (facts.clockAheadMs ?? 0);
    const [ours, theirs] = [timeFault(reading.claims, now), timeFault(reading.claims, serverNow)];
    if (ours === undefined && theirs === undefined) {
      if (expiresAt === undefined) return done(undated(exam));
      return done(pass(`valid for another ${span(expiresAt - serverNow)} by the server’s clock`));
    }
    const isSession = facts.handshake?.kind === 'open' && facts.refusedBy.length === 0;
    return done(judged(exam, { ours, theirs, isSession }));
  },
};

interface TimeFault {
  readonly id: 'token-expired' | 'token-not-yet-valid';
  readonly found: string;
}

function timeFault({ expiresAt, validFrom, validFromClaim }: Claims, now: number): TimeFault | undefined {
  if (expiresAt !== undefined && now - expiresAt >= toleranceMs) {
    return { id: 'token-expired', found: `it expired ${span(now - expiresAt)} ago` };
  }
  if (validFrom !== undefined && validFrom - now > toleranceMs) {
    return {
      id: 'token-not-yet-valid',
      found: `by its claim ${validFromClaim} it is valid in ${span(validFrom - now)}`,
    };
  }
  return undefined;
}

function judged(
  { facts, options, target }: Exam,
  { ours, theirs, isSession }: { ours: TimeFault | undefined; theirs: TimeFault | undefined; isSession: boolean },
): Trouble {
  const isSkew = (ours === undefined) !== (theirs === undefined);
  const level = isSession || (theirs === undefined && facts.refusedBy.length === 0) ? warn : fail;
  const { id, found } = (theirs ?? ours) as TimeFault;
  const explains = [...refusedForIt, 'clock-off'];
  if (isSkew) {
    const { clockAheadMs = 0 } = facts;
    const off = `${span(Math.abs(clockAheadMs))} ${clockAheadMs > 0 ? 'ahead' : 'behind'}`;
    return level({
      id: 'token-clock',
      hop: 'token',
      found: `${found} by the clock of ${theirs === undefined ? 'this machine' : 'the server'} alone: the server's is ${off}`,
      cure: 'let both machines set their clocks by NTP; the token itself is good',
      explains,
    });
  }
  const taken = isSession ? ', and the server takes it all the same' : '';
  const isNew = id === 'token-expired';
  return level({
    id,
    hop: 'token',
    found: `${found}${taken}`,
    cure: isNew
      ? 'get a new one right before connecting, and renew it before it expires'
      : 'compare the clock of the machine that signs it with this one',
    explains: (options.token ?? target.token) === undefined ? [] : explains,
  });
}

function undated({ facts }: Exam): Trouble | ReturnType<typeof pass> {
  if (!facts.isTelltale) return pass('it never expires');
  return fail({
    id: 'token-expiry-missing',
    hop: 'token',
    found: 'it has no claim exp, and tokens that never expire are not taken',
    cure: 'set exp when signing, 15 minutes ahead for example',
    explains: ['refused-token-expiry-missing'],
  });
}

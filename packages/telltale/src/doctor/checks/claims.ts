// The times a token names, by the server's clock and by ours, beside what the server said to it.

import { type Check, done, type Exam, fail, pass, skip, type Trouble, warn } from '../check.ts';
import { span } from '../meaning/clause.ts';
import { readToken, tokenTimeFault, type TokenTimeFault } from '@telltale/protocol/token';
import { refusedForIt } from './token.ts';

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
    const [ours, theirs] = [tokenTimeFault(reading.claims, now), tokenTimeFault(reading.claims, serverNow)];
    if (ours === undefined && theirs === undefined) {
      if (expiresAt === undefined) return done(undated(exam));
      const whose =
        facts.clockAheadMs === undefined ? 'this machine’s clock; the server told no time' : 'the server’s clock';
      return done(pass(`valid for another ${span(expiresAt - serverNow)} by ${whose}`));
    }
    const isSession = facts.handshake?.kind === 'open' && facts.refusedBy.length === 0;
    return done(judged(exam, { ours, theirs, isSession }));
  },
};

function judged(
  { facts, options, target }: Exam,
  {
    ours,
    theirs,
    isSession,
  }: { ours: TokenTimeFault | undefined; theirs: TokenTimeFault | undefined; isSession: boolean },
): Trouble {
  const isSkew = (ours === undefined) !== (theirs === undefined);
  const level = isSession || (theirs === undefined && facts.refusedBy.length === 0) ? warn : fail;
  const { id, found } = (theirs ?? ours) as TokenTimeFault;
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

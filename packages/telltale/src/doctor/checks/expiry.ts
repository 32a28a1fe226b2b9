// What happens when the token expires while the session lives: watched where that is soon or time was given for it.

import { type Check, done, type Exam, type Finding, pass, skip, warn } from '../check.ts';
import { span } from '../meaning/clause.ts';
import { readToken } from '@telltale/protocol/token';
import type { Line, LineEnd } from '../wire/line.ts';

/** A session may live on for this long after its token, in milliseconds: a gateway ends it within five seconds (SES9). */
const graceMs = 6000;

export const expiry: Check = {
  name: 'expiry',
  title: 'expiry',
  async run(exam) {
    const { facts, options, target, budget } = exam;
    const reading = readToken(options.token ?? target.token ?? '');
    const expiresAt = facts.welcome?.expiresAt ?? (reading.kind === 'jwt' ? reading.claims.expiresAt : undefined);
    if (expiresAt === undefined) return skip();
    const serverNow = Date.now() + (facts.clockAheadMs ?? 0);
    const leftMs = expiresAt - serverNow;
    const main = facts.handshake?.kind === 'open' ? facts.handshake.line : undefined;
    const line = main !== undefined && endedAbout(main, expiresAt) ? main : await exam.session();
    if (line === undefined) return skip('there is no session');
    // Expired before it began, and taken: another check says so.
    if (expiresAt - (facts.clockAheadMs ?? 0) < line.beganAt) return skip();
    const watchMs = Math.max(0, leftMs + graceMs);
    const fits = watchMs < budget.left() - 1000;
    const wasAskedFor = options.idleMs !== undefined && watchMs <= options.idleMs;
    if (!fits && !wasAskedFor) return done(pass(foreseen(leftMs, exam)));
    if (!fits) budget.extend(watchMs);
    await line.until(() => (line.end === undefined ? undefined : true), watchMs);
    return done(judge(line.end, exam));
  },
};

/** Whether a line ended when the token did, while other checks used it. */
function endedAbout({ end, beganAt }: Line, expiresAt: number): boolean {
  if (end === undefined) return false;
  const endedAt = beganAt + end.afterMs;
  return endedAt > expiresAt - 1000 && endedAt < expiresAt + graceMs;
}

function foreseen(leftMs: number, { facts }: Exam): string {
  const after = `the token expires in ${span(leftMs)}`;
  return facts.welcome === undefined
    ? `${after}; to see what this server does then, give one that expires within 10 s`
    : `${after}; the gateway then ends the session with 4419, unless the client has sent a new one by authenticate`;
}

function judge(end: LineEnd | undefined, { facts }: Exam): Finding {
  const isTelltale = facts.welcome !== undefined;
  if (end === undefined) {
    return warn({
      id: 'expiry-ignored',
      hop: isTelltale ? 'gateway' : 'server',
      found: `the session goes on ${span(graceMs)} after its token has expired`,
      cure: 'let the server end it, or ask for a new token: who was signed out reads on until then',
    });
  }
  if (end.kind === 'closed') {
    return pass(`when the token expires the session is closed with ${end.code}, which tells a client to renew it`);
  }
  return warn({
    id: 'expiry-silent',
    hop: isTelltale ? 'proxy' : 'server',
    found:
      'when the token expires the connection is cut without a close frame, so a page sees 1006 and comes back with the same token',
    cure: 'let the server close with a code of its own, such as 4401, and the client get a new token on it',
    explains: ['pong-lost', 'frame-size'],
  });
}

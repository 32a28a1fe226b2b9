// How long a connection lives on which the client says nothing. Takes minutes, so only where asked for.

import { attempt } from '../attempt.ts';
import { type Check, type CheckResult, done, type Exam, fail, type Finding, pass, skip, warn } from '../check.ts';
import { shownMs, span } from '../meaning/clause.ts';
import type { Line, LineEnd } from '../wire/line.ts';

export const idle: Check = {
  name: 'idle',
  title: 'idle',
  async run(exam): Promise<CheckResult> {
    const { options, facts, budget } = exam;
    const { idleMs } = options;
    if (idleMs === undefined) return skip();
    if (facts.refusedBy.length > 0) return skip('there is no session');
    budget.extend(idleMs);
    const line = await begin(exam);
    if (line === undefined) return skip('there is no session');
    const begun = performance.now();
    await line.until(() => (line.end === undefined ? undefined : true), idleMs);
    const { end } = line;
    if (end === undefined) {
      line.close();
      return done(pass(`an idle connection lives for ${span(idleMs)} and longer`));
    }
    const livedMs = performance.now() - begun;
    // Whether talking keeps it alive is the cure, so it is tried.
    budget.extend(livedMs * 2);
    const isKept = await isKeptByPings(exam, livedMs);
    return done(judge({ end, livedMs, isKept }, exam));
  },
};

async function begin(exam: Exam): Promise<Line | undefined> {
  const { facts, target } = exam;
  if (facts.place === undefined) return undefined;
  const outcome = await attempt(exam, { place: facts.place, target, ask: exam.ask(), waitMs: 1000 });
  return outcome.kind === 'begun' ? outcome.line : undefined;
}

/** Whether a ping at half the time keeps a connection for one and a half times as long as it lived without. */
async function isKeptByPings(exam: Exam, livedMs: number): Promise<boolean> {
  const line = await begin(exam);
  if (line === undefined) return false;
  const timer = setInterval(() => line.ping('doctor-idle'), Math.max(200, livedMs / 2));
  try {
    await line.until(() => (line.end === undefined ? undefined : true), livedMs * 1.5);
    return line.end === undefined;
  } finally {
    clearInterval(timer);
    line.close();
  }
}

function judge({ end, livedMs, isKept }: { end: LineEnd; livedMs: number; isKept: boolean }, { facts }: Exam): Finding {
  const { welcome } = facts;
  const how = end.kind === 'closed' ? `closed with ${end.code}` : 'cut without a close frame (1006)';
  const found = `a connection on which nobody speaks is ${how} after ${shownMs(livedMs)}`;
  const explains = ['pong-lost', 'frame-size'];
  if (welcome !== undefined && livedMs < welcome.heartbeatMs + 2000) {
    const seconds = Math.ceil((welcome.heartbeatMs / 1000) * 3);
    return fail({
      id: 'idle-death',
      hop: 'proxy',
      found: `${found}, sooner than the gateway’s own heartbeat of ${span(welcome.heartbeatMs)}`,
      cure: `raise the time-out for idle connections in what stands between to ${Math.max(seconds, 75)} s (proxy_read_timeout in nginx)`,
      explains,
    });
  }
  return warn({
    id: 'idle-death',
    hop: 'server',
    found: `${found}, and ${isKept ? 'pings keep it alive' : 'pings do not keep it alive'}`,
    cure: isKept
      ? `send a ping at least every ${span(livedMs / 2)}, or raise that time-out (proxy_read_timeout in nginx)`
      : 'raise the time-out of the proxy or server, and have clients come back by themselves',
    explains,
  });
}

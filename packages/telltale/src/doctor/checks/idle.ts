// How long a connection lives on which the client says nothing. Takes minutes, so only where asked for.

import { attempt } from '../attempt.ts';
import { type Check, type CheckResult, done, type Exam, fail, pass, skip, type Trouble, warn } from '../check.ts';
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
    await line.until(() => (line.end === undefined ? undefined : true), idleMs);
    const { end } = line;
    if (end === undefined) {
      line.close();
      return done(pass(`an idle connection lives for ${span(idleMs)} and longer`));
    }
    const livedMs = end.afterMs;
    const { welcome } = facts;
    if (welcome !== undefined && livedMs < welcome.heartbeatMs + 2000) {
      return done(cutBeforeHeartbeat({ end, livedMs, heartbeatMs: welcome.heartbeatMs }));
    }
    // Whether talking keeps it alive is the cure, so it is tried.
    budget.extend(livedMs * 2);
    return done(cutWhileIdle({ end, livedMs, isKept: await isKeptByPings(exam, livedMs) }));
  },
};

async function begin(exam: Exam): Promise<Line | undefined> {
  const { facts, target } = exam;
  if (facts.place === undefined) return undefined;
  const outcome = await attempt(exam, { place: facts.place, target, ask: exam.ask(), waitMs: 1000 });
  return outcome.kind === 'begun' ? outcome.line : undefined;
}

/** Whether pings, three in the time it lived, keep a connection for one and a half times as long as it lived without. */
async function isKeptByPings(exam: Exam, livedMs: number): Promise<boolean> {
  const line = await begin(exam);
  if (line === undefined) return false;
  // The first at once: the wait for a greeting was silence too.
  line.ping('doctor-idle');
  const timer = setInterval(() => line.ping('doctor-idle'), Math.max(200, livedMs / 3));
  try {
    await line.until(() => (line.end === undefined ? undefined : true), livedMs * 1.5);
    return line.end === undefined;
  } finally {
    clearInterval(timer);
    line.close();
  }
}

/** What such a cut looks like to checks that met it in passing. */
const explains = ['pong-lost', 'frame-size'];

function foundOf(end: LineEnd, livedMs: number): string {
  const how = end.kind === 'closed' ? `closed with ${end.code}` : 'cut without a close frame (1006)';
  return `a connection on which nobody speaks is ${how} after ${shownMs(livedMs)}`;
}

function cutBeforeHeartbeat({
  end,
  livedMs,
  heartbeatMs,
}: {
  end: LineEnd;
  livedMs: number;
  heartbeatMs: number;
}): Trouble {
  const seconds = Math.max(75, Math.ceil((heartbeatMs / 1000) * 3));
  return fail({
    id: 'idle-death',
    hop: 'proxy',
    found: `${foundOf(end, livedMs)}, sooner than the gateway’s own heartbeat of ${span(heartbeatMs)}`,
    cure: `raise the time-out for idle connections in what stands between to ${seconds} s (proxy_read_timeout in nginx)`,
    explains,
  });
}

function cutWhileIdle({ end, livedMs, isKept }: { end: LineEnd; livedMs: number; isKept: boolean }): Trouble {
  return warn({
    id: 'idle-death',
    hop: 'server',
    found: `${foundOf(end, livedMs)}, and ${isKept ? 'pings keep it alive' : 'pings do not keep it alive'}`,
    cure: isKept
      ? `send a ping at least every ${span(livedMs / 3)}, or raise that time-out (proxy_read_timeout in nginx)`
      : 'raise the time-out of the proxy or server, and have clients come back by themselves',
    explains,
  });
}

// A planned stop: every session is told its own slot to come back in, what is under way leaves within a second, then all
// are closed, and who does not answer is destroyed. The slots spread the returns; the closes need no spreading.

import type { Clock } from '../clock.ts';
import type { Session } from './session.ts';

/** For what is still to leave, and for close frames to be answered. */
const leaveMs = 1000;
const closeMs = 700;

/** Ends all sessions with 1012; resolves when the last socket is gone, within 2 s (STP1, STP2). */
export async function stopSessions(
  sessions: Iterable<Session>,
  clock: Clock,
  { returnWindowMs }: { returnWindowMs: number },
): Promise<void> {
  const leaving = [...sessions];
  const wait = (ms: number): Promise<void> => new Promise((resolve) => clock.after(ms, resolve));
  const slow = leaving.filter(({ transport }) => transport.unansweredBytes > 0 && transport.isCongested);
  if (slow.length > 0) await until(() => slow.every(({ transport }) => !transport.isCongested), leaveMs, wait);
  for (const [index, session] of leaving.entries()) {
    const retryAfterMs = Math.round(
      (index / leaving.length) * returnWindowMs + Math.random() * (returnWindowMs / leaving.length),
    );
    session.finish('restart', 'the gateway restarts', { retryAfterMs });
  }
  await until(() => leaving.every(({ transport }) => transport.isGone), closeMs, wait);
  for (const { transport } of leaving) transport.destroy();
}

async function until(isTrue: () => boolean, ms: number, wait: (ms: number) => Promise<void>): Promise<void> {
  const stepMs = 20;
  for (let waited = 0; waited < ms && !isTrue(); waited += stepMs) await wait(stepMs);
}

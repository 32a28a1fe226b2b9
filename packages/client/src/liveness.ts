// Notices that nothing comes any more. The server speaks at least every `heartbeatMs`; twice that without a word means
// the line is dead, though the socket may claim to be open for an hour. A timer that fires late was asleep or
// throttled with everything else, so it asks (a ping with a short deadline) before it judges. Anything that comes puts
// that off, and only the answer settles it: what was on its way before the machine slept is read after it woke, also from
// a line that is dead by then.

import type { Environment } from './environment.ts';

/** How long a probe may stay unanswered while nothing else comes either. */
export const probeMs = 3_000;
/** A timer this late slept. */
const lateMs = 1_000;

export interface Liveness {
  /** Something arrived. */
  heard(): void;
  /** A ping that was sent at this time, by our clock, has its answer. */
  answered(at: number): void;
  /** The page or machine woke, or the network changed: probe at once. */
  wake(): void;
  stop(): void;
}

export function createLiveness(
  environment: Environment,
  heartbeatMs: number,
  ping: () => void,
  onDead: (silenceMs: number) => void,
): Liveness {
  const { now } = environment;
  let heardAt = now();
  let pingedAt = 0;
  /** Probes sent since something was last heard. */
  let probes = 0;
  /** Something came after a probe, but not yet its answer: it is asked again a heartbeat later. */
  let isDoubtful = false;
  let cancel = () => {};

  function arm(ms: number): void {
    cancel();
    const due = now() + ms;
    cancel = environment.after(ms, () => tick(now() - due > lateMs));
  }
  function sendPing(): void {
    pingedAt = now();
    ping();
  }
  function probe(): void {
    isDoubtful = false;
    probes++;
    sendPing();
    arm(probeMs);
  }
  function tick(isLate: boolean): void {
    const silence = now() - heardAt;
    if (isDoubtful || (isLate && probes < 2)) return probe();
    if (probes > 0 || silence >= 2 * heartbeatMs) return onDead(silence);
    if (!environment.isHidden() && now() - pingedAt >= heartbeatMs) sendPing();
    arm(Math.min(heartbeatMs, 2 * heartbeatMs - silence));
  }

  sendPing();
  arm(heartbeatMs);
  return {
    heard() {
      heardAt = now();
      if (probes === 0) return;
      probes = 0;
      isDoubtful = true;
      arm(heartbeatMs);
    },
    answered(at) {
      if (at >= pingedAt) isDoubtful = false;
    },
    wake() {
      if (probes === 0) probe();
    },
    stop: () => cancel(),
  };
}

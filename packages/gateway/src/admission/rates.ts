// How much admission takes on: sessions per second, in all, per address and per identity, and refusals that are
// explained over an upgraded socket. Called by admit.ts and upgrade/; every map is bounded, every hold has its release.

import type { Clock } from '../clock.ts';
import type { GatewayLimits } from '../types.ts';
import { addressKey } from './address.ts';

export type RateLimits = Pick<
  GatewayLimits,
  | 'maxSessions'
  | 'maxSessionsPerAddress'
  | 'maxSessionsPerIdentity'
  | 'admissionsPerSecond'
  | 'explainedRefusals'
  | 'openRefusals'
>;

/** A place held by one attempt; giving it back twice does nothing. */
export interface Hold {
  release(): void;
}

export type Entry =
  | { readonly kind: 'held'; readonly hold: Hold }
  | { readonly kind: 'full' | 'address-full' }
  | { readonly kind: 'queue'; readonly retryAfterMs: number };

export interface Rates {
  /**
   * Takes a session's place for an address. The hold is released when the attempt is refused (`refund`, which gives
   * the second's share back too) or the session ends.
   */
  enter(address: string): Entry;
  /** Gives back the share of a second that a refused attempt took. */
  refund(): void;
  /** Takes one of an identity's sessions; undefined: it has all it may. */
  enterAs(identityId: string): Hold | undefined;
  /** Permission to explain a refusal over an upgraded socket; undefined: over one of the two budgets (RAT1). */
  explain(address: string): Hold | undefined;
  /** Sessions held now. */
  readonly sessions: number;
}

const explainWindowMs = 10_000;
const maxAddresses = 10_000;
const maxWaitMs = 60_000;

export function createRates(limits: RateLimits, clock: Clock): Rates {
  const perAddress = createCounter();
  const perIdentity = createCounter();
  const admissions = createAdmissionRate(limits.admissionsPerSecond, clock);
  const explained = new Map<string, number[]>();
  let sessions = 0;
  let openRefusals = 0;

  return {
    get sessions() {
      return sessions;
    },
    enter(address) {
      if (sessions >= limits.maxSessions) return { kind: 'full' };
      const key = addressKey(address);
      if (perAddress.count(key) >= limits.maxSessionsPerAddress) return { kind: 'address-full' };
      const retryAfterMs = admissions.take();
      if (retryAfterMs !== undefined) return { kind: 'queue', retryAfterMs };
      sessions += 1;
      const place = perAddress.hold(key);
      const hold = holdOf(() => {
        sessions -= 1;
        place.release();
      });
      return { kind: 'held', hold };
    },
    refund: () => admissions.giveBack(),
    enterAs(identityId) {
      return perIdentity.count(identityId) < limits.maxSessionsPerIdentity ? perIdentity.hold(identityId) : undefined;
    },
    explain(address) {
      const now = clock.monotonic();
      const key = addressKey(address);
      const recent = (explained.get(key) ?? []).filter((time) => time > now - explainWindowMs);
      explained.delete(key);
      explained.set(key, recent);
      if (explained.size > maxAddresses) explained.delete(explained.keys().next().value as string);
      if (openRefusals >= limits.openRefusals || recent.length >= limits.explainedRefusals) return undefined;
      recent.push(now);
      openRefusals += 1;
      return holdOf(() => {
        openRefusals -= 1;
      });
    },
  };
}

function holdOf(giveBack: () => void): Hold {
  let held = true;
  return {
    release() {
      if (held) giveBack();
      held = false;
    },
  };
}

/** Counts holds by key; a key without a hold takes no memory. */
function createCounter(): { count(key: string): number; hold(key: string): Hold } {
  const counts = new Map<string, number>();
  return {
    count: (key) => counts.get(key) ?? 0,
    hold(key) {
      counts.set(key, (counts.get(key) ?? 0) + 1);
      return holdOf(() => {
        const left = (counts.get(key) ?? 1) - 1;
        if (left === 0) counts.delete(key);
        else counts.set(key, left);
      });
    },
  };
}

/** A bucket of one second's admissions. Who finds it empty is told a time of its own, one share after the last told (RAT2). */
function createAdmissionRate(perSecond: number, clock: Clock): { take(): number | undefined; giveBack(): void } {
  const shareMs = 1_000 / perSecond;
  let left = perSecond;
  let filledAt = clock.monotonic();
  let lastReturn = 0;
  return {
    take() {
      const now = clock.monotonic();
      left = Math.min(perSecond, left + (now - filledAt) / shareMs);
      filledAt = now;
      if (left >= 1) {
        left -= 1;
        return undefined;
      }
      lastReturn = Math.max(lastReturn, now + 1_000) + shareMs;
      if (lastReturn - now <= maxWaitMs) return Math.ceil(lastReturn - now);
      // More than a minute's worth are told already: a flood must not push honest ones out for longer.
      lastReturn = now + maxWaitMs;
      return Math.ceil((maxWaitMs * (1 + Math.random())) / 2);
    },
    giveBack() {
      left = Math.min(perSecond, left + 1);
    },
  };
}

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

/** Counts holds by key; a key without a hold takes no memory. */
class Counter {
  readonly #counts = new Map<string, number>();

  count(key: string): number {
    return this.#counts.get(key) ?? 0;
  }

  /** @param beside given back together with it */
  hold(key: string, beside?: Hold): Hold {
    this.#counts.set(key, this.count(key) + 1);
    return new Counted(this, key, beside);
  }

  giveBack(key: string): void {
    const left = this.count(key) - 1;
    if (left > 0) this.#counts.set(key, left);
    else this.#counts.delete(key);
  }
}

/** An object and no closure: each session has some as long as it lives. */
class Counted implements Hold {
  readonly #counter: Counter;
  readonly #beside: Hold | undefined;
  /** Undefined: given back. */
  #key: string | undefined;

  constructor(counter: Counter, key: string, beside: Hold | undefined) {
    this.#counter = counter;
    this.#beside = beside;
    this.#key = key;
  }

  release(): void {
    if (this.#key === undefined) return;
    this.#counter.giveBack(this.#key);
    this.#key = undefined;
    this.#beside?.release();
  }
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
  /** Takes one of an identity's sessions, given back together with `place`; undefined: it has all it may. */
  enterAs(identityId: string, place?: Hold): Hold | undefined;
  /** Permission to explain a refusal over an upgraded socket; undefined: over one of the two budgets (RAT1). */
  explain(address: string): Hold | undefined;
  /** Sessions held now. */
  readonly sessions: number;
}

const explainWindowMs = 10_000;
const maxAddresses = 10_000;
const maxWaitMs = 60_000;

export function createRates(limits: RateLimits, clock: Clock): Rates {
  const perAddress = new Counter();
  const perIdentity = new Counter();
  /** Under one key each. */
  const inAll = new Counter();
  const admissions = createAdmissionRate(limits.admissionsPerSecond, clock);
  const explained = new Map<string, number[]>();

  return {
    get sessions() {
      return inAll.count('sessions');
    },
    enter(address) {
      if (inAll.count('sessions') >= limits.maxSessions) return { kind: 'full' };
      const key = addressKey(address);
      if (perAddress.count(key) >= limits.maxSessionsPerAddress) return { kind: 'address-full' };
      const retryAfterMs = admissions.take();
      if (retryAfterMs !== undefined) return { kind: 'queue', retryAfterMs };
      return { kind: 'held', hold: perAddress.hold(key, inAll.hold('sessions')) };
    },
    refund: () => admissions.giveBack(),
    enterAs(identityId, place) {
      if (perIdentity.count(identityId) >= limits.maxSessionsPerIdentity) return undefined;
      return perIdentity.hold(identityId, place);
    },
    explain(address) {
      const now = clock.monotonic();
      const key = addressKey(address);
      const recent = (explained.get(key) ?? []).filter((time) => time > now - explainWindowMs);
      explained.delete(key);
      explained.set(key, recent);
      if (explained.size > maxAddresses) explained.delete(explained.keys().next().value as string);
      if (inAll.count('refusals') >= limits.openRefusals || recent.length >= limits.explainedRefusals) return undefined;
      recent.push(now);
      return inAll.hold('refusals');
    },
  };
}

/** A bucket of a fifth of a second's admissions: so no second has many more than its own. Who finds it empty is told a time of its own, one share after the last told (RAT2). */
function createAdmissionRate(perSecond: number, clock: Clock): { take(): number | undefined; giveBack(): void } {
  const shareMs = 1_000 / perSecond;
  const most = Math.max(1, perSecond / 5);
  let left = most;
  let filledAt = clock.monotonic();
  let lastReturn = 0;
  return {
    take() {
      const now = clock.monotonic();
      left = Math.min(most, left + (now - filledAt) / shareMs);
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
      left = Math.min(most, left + 1);
    },
  };
}

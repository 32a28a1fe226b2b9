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

/** A session's place: one of all, one of its address's, and one of its identity's once that is known. */
export interface Place extends Hold {
  /** Takes one of an identity's sessions as well; false: it has all it may. */
  enterAs(identityId: string): boolean;
}

/** Counts what is taken by key; a key of which nothing is takes no memory. */
class Counter {
  readonly #counts = new Map<string, number>();

  count(key: string): number {
    return this.#counts.get(key) ?? 0;
  }

  take(key: string): void {
    this.#counts.set(key, this.count(key) + 1);
  }

  giveBack(key: string): void {
    const left = this.count(key) - 1;
    if (left > 0) this.#counts.set(key, left);
    else this.#counts.delete(key);
  }
}

/** Sessions that are held, in all and by whose they are. */
class Occupancy {
  inAll = 0;
  readonly perAddress: Counter = new Counter();
  readonly perIdentity: Counter = new Counter();
  readonly mostPerIdentity: number;

  constructor(mostPerIdentity: number) {
    this.mostPerIdentity = mostPerIdentity;
  }
}

/** One object and no closure: each session has one as long as it lives. */
class HeldPlace implements Place {
  readonly #occupancy: Occupancy;
  /** As it is counted; undefined: given back. */
  #address: string | undefined;
  #identityId: string | undefined;

  constructor(occupancy: Occupancy, address: string) {
    this.#occupancy = occupancy;
    this.#address = address;
    this.#identityId = undefined;
    occupancy.inAll++;
    occupancy.perAddress.take(address);
  }

  enterAs(identityId: string): boolean {
    const { perIdentity, mostPerIdentity } = this.#occupancy;
    if (perIdentity.count(identityId) >= mostPerIdentity) return false;
    perIdentity.take(identityId);
    this.#identityId = identityId;
    return true;
  }

  release(): void {
    if (this.#address === undefined) return;
    this.#occupancy.inAll--;
    this.#occupancy.perAddress.giveBack(this.#address);
    if (this.#identityId !== undefined) this.#occupancy.perIdentity.giveBack(this.#identityId);
    this.#address = undefined;
  }
}

export type Entry =
  | { readonly kind: 'held'; readonly place: Place }
  | { readonly kind: 'full' | 'address-full' }
  | { readonly kind: 'queue'; readonly retryAfterMs: number };

export interface Rates {
  /**
   * Takes a session's place for an address. It is released when the attempt is refused (`refund`, which gives the
   * second's share back too) or the session ends.
   */
  enter(address: string): Entry;
  /** Gives back the share of a second that a refused attempt took. */
  refund(): void;
  /** Permission to explain a refusal over an upgraded socket; undefined: over one of the two budgets (RAT1). */
  explain(address: string): Hold | undefined;
  /** Sessions held now. */
  readonly sessions: number;
}

const explainWindowMs = 10_000;
const maxAddresses = 10_000;
const maxWaitMs = 60_000;

export function createRates(limits: RateLimits, clock: Clock): Rates {
  const held = new Occupancy(limits.maxSessionsPerIdentity);
  let openRefusals = 0;
  const admissions = createAdmissionRate(limits.admissionsPerSecond, clock);
  const explained = new Map<string, number[]>();

  return {
    get sessions() {
      return held.inAll;
    },
    enter(address) {
      if (held.inAll >= limits.maxSessions) return { kind: 'full' };
      const key = addressKey(address);
      if (held.perAddress.count(key) >= limits.maxSessionsPerAddress) return { kind: 'address-full' };
      const retryAfterMs = admissions.take();
      if (retryAfterMs !== undefined) return { kind: 'queue', retryAfterMs };
      return { kind: 'held', place: new HeldPlace(held, key) };
    },
    refund: () => admissions.giveBack(),
    explain(address) {
      const now = clock.monotonic();
      const key = addressKey(address);
      const recent = (explained.get(key) ?? []).filter((time) => time > now - explainWindowMs);
      explained.delete(key);
      explained.set(key, recent);
      if (explained.size > maxAddresses) explained.delete(explained.keys().next().value as string);
      if (openRefusals >= limits.openRefusals || recent.length >= limits.explainedRefusals) return undefined;
      recent.push(now);
      openRefusals++;
      let isOpen = true;
      return {
        release() {
          if (isOpen) openRefusals--;
          isOpen = false;
        },
      };
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

// What happened in each second: admitted, of these who came back, refused by name, ended by code. A storm shows as one.
// Fed by recorder.ts; knows neither clock nor channel.

import type { AttemptRates, EndingRow } from '../api.ts';
import { UsualAttempts } from './usual-attempts.ts';

/** Who comes back within this time after an end came back. */
export const returnMs = 60_000;
const mostLeft = 10_000;
/** A peer may close with any of thousands of codes. */
const mostCodes = 20;

/** Who comes back, if it comes back. */
export type Who = Pick<EndingRow, 'user' | 'kind' | 'address' | 'program'>;

interface Second {
  readonly at: number;
  readonly usual: number;
  admitted: number;
  returned: number;
  left: number;
  readonly refused: Record<string, number>;
  readonly ended: Record<string, number>;
}

export class AttemptRateCounter {
  #second: Second | undefined;
  readonly #over: AttemptRates[] = [];
  readonly #usual = new UsualAttempts();
  /** Who has left, the latest last: when the last session ended, and how many have not come back. */
  readonly #gone = new Map<string, { readonly at: number; readonly sessions: number }>();

  admitted(who: Who, now: number): void {
    const second = this.#at(now);
    second.admitted++;
    this.#usual.attempt(now);
    const key = keyOf(who);
    const left = this.#gone.get(key);
    if (left === undefined) return;
    if (now - left.at <= returnMs) second.returned++;
    if (left.sessions > 1) this.#gone.set(key, { ...left, sessions: left.sessions - 1 });
    else this.#gone.delete(key);
  }

  refused(name: string, now: number): void {
    const { refused } = this.#at(now);
    refused[name] = (refused[name] ?? 0) + 1;
    this.#usual.attempt(now);
  }

  /** It would have been admitted, and had left before. */
  left(now: number): void {
    this.#at(now).left++;
    this.#usual.attempt(now);
  }

  ended(who: Who, code: number, now: number): void {
    const { ended } = this.#at(now);
    const name = code in ended || Object.keys(ended).length < mostCodes ? String(code) : 'other';
    ended[name] = (ended[name] ?? 0) + 1;
    this.wentAway(who, now);
  }

  /** A session has ended; also one of before this hub started, of which no second tells. They come in the order of their ends. */
  wentAway(who: Who, at: number): void {
    const key = keyOf(who);
    const before = this.#gone.get(key);
    const sessions = before !== undefined && at - before.at <= returnMs ? before.sessions + 1 : 1;
    this.#gone.delete(key);
    this.#gone.set(key, { at, sessions });
    for (const [oldest, last] of this.#gone) {
      if (this.#gone.size <= mostLeft && at - last.at <= returnMs) break;
      this.#gone.delete(oldest);
    }
  }

  /** The seconds that are over and were not taken yet, oldest first. */
  take(now: number): readonly AttemptRates[] {
    if (this.#second !== undefined && now - this.#second.at >= 1000) this.#close();
    return this.#over.splice(0);
  }

  #at(now: number): Second {
    const at = Math.floor(now / 1000) * 1000;
    if (this.#second !== undefined && this.#second.at !== at) this.#close();
    this.#second ??= {
      at,
      usual: this.#usual.perSecond(now),
      admitted: 0,
      returned: 0,
      left: 0,
      refused: {},
      ended: {},
    };
    return this.#second;
  }

  #close(): void {
    if (this.#second !== undefined) this.#over.push(this.#second);
    this.#second = undefined;
    // Nobody takes them while the hub starts or stops.
    if (this.#over.length > 60) this.#over.shift();
  }
}

/** Also by its program: a doctor and a page of one person at one machine are not the same that comes back. */
function keyOf({ user, kind, address, program }: Who): string {
  return JSON.stringify([kind, address, user, program]);
}

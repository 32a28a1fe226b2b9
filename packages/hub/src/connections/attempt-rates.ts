// What happened in each second: admitted, of these who came back, refused by name, ended by code. A storm shows as one.
// Fed by recorder.ts; knows neither clock nor channel.

import type { AttemptRates } from '../api.ts';

/** Who comes back within this time after an end came back. */
const returnMs = 60_000;
const mostEnded = 10_000;
/** A peer may close with any of thousands of codes. */
const mostCodes = 20;

interface Second {
  readonly at: number;
  admitted: number;
  returned: number;
  readonly refused: Record<string, number>;
  readonly ended: Record<string, number>;
}

export class AttemptRateCounter {
  #second: Second | undefined;
  readonly #over: AttemptRates[] = [];
  /** When the last session of an identity at an address ended, the latest last. */
  readonly #endedAt = new Map<string, number>();

  admitted(who: string, now: number): void {
    const second = this.#at(now);
    second.admitted++;
    const endedAt = this.#endedAt.get(who);
    if (endedAt !== undefined && now - endedAt <= returnMs) second.returned++;
    this.#endedAt.delete(who);
  }

  refused(name: string, now: number): void {
    const { refused } = this.#at(now);
    refused[name] = (refused[name] ?? 0) + 1;
  }

  ended(who: string, code: number, now: number): void {
    const { ended } = this.#at(now);
    const name = code in ended || Object.keys(ended).length < mostCodes ? String(code) : 'other';
    ended[name] = (ended[name] ?? 0) + 1;
    this.#endedAt.delete(who);
    this.#endedAt.set(who, now);
    for (const [oldest, at] of this.#endedAt) {
      if (this.#endedAt.size <= mostEnded && now - at <= returnMs) break;
      this.#endedAt.delete(oldest);
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
    this.#second ??= { at, admitted: 0, returned: 0, refused: {}, ended: {} };
    return this.#second;
  }

  #close(): void {
    if (this.#second !== undefined) this.#over.push(this.#second);
    this.#second = undefined;
    // Nobody takes them while the hub starts or stops.
    if (this.#over.length > 60) this.#over.shift();
  }
}

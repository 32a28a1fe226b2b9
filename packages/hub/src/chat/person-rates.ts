// How fast one person may write in rooms, in all sessions together, by frame and by HTTP. A session's own rates are the
// gateway's; this one keeps a room readable.

export interface PersonRatesOptions {
  readonly perSecond: number;
  readonly burst: number;
  /** Monotonic, in milliseconds. */
  readonly now: () => number;
}

export class PersonRates {
  readonly #options: PersonRatesOptions;
  /** When each has rested from all they wrote, each message for its part of a second. Who wrote longest ago comes first. */
  readonly #restedAt = new Map<string, number>();

  constructor(options: PersonRatesOptions) {
    this.#options = options;
  }

  get perSecond(): number {
    return this.#options.perSecond;
  }

  get burst(): number {
    return this.#options.burst;
  }

  /** Takes so many messages and answers 0, or takes none and answers in how many milliseconds there is room for them. */
  take(person: string, count: number): number {
    const { perSecond, burst, now } = this.#options;
    const at = now();
    const restedAt = Math.max(this.#restedAt.get(person) ?? at, at) + (count * 1000) / perSecond;
    const waitMs = Math.ceil(restedAt - at - (burst * 1000) / perSecond);
    if (waitMs > 0) return waitMs;
    this.#restedAt.delete(person);
    this.#restedAt.set(person, restedAt);
    // Who has rested is a stranger again.
    for (const [name, rested] of this.#restedAt) {
      if (rested > at) break;
      this.#restedAt.delete(name);
    }
    return 0;
  }
}

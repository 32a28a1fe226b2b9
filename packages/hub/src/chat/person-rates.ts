// How fast one person may write in rooms, in all sessions together, by frame and by HTTP. A session's own rates are the
// gateway's; this one keeps a room readable.

export interface PersonRatesOptions {
  readonly perSecond: number;
  readonly burst: number;
  /** Monotonic, in milliseconds. */
  readonly now: () => number;
}

interface Bucket {
  left: number;
  at: number;
}

export class PersonRates {
  readonly #options: PersonRatesOptions;
  /** The one used longest ago first. */
  readonly #buckets = new Map<string, Bucket>();

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
    const known = this.#buckets.get(person);
    const left = known === undefined ? burst : Math.min(burst, known.left + ((at - known.at) / 1000) * perSecond);
    const isEnough = left >= count;
    this.#buckets.delete(person);
    this.#buckets.set(person, { left: isEnough ? left - count : left, at });
    // Who has rested for so long has a full bucket, as a stranger has.
    for (const [name, bucket] of this.#buckets) {
      if (at - bucket.at < (burst / perSecond) * 1000) break;
      this.#buckets.delete(name);
    }
    return isEnough ? 0 : Math.ceil(((count - left) / perSecond) * 1000);
  }
}

// A rate with a burst: so many units per second on average, so many at once.

export class TokenBucket {
  readonly #perSecond: number;
  readonly #burst: number;
  #left: number;
  #at: number;

  constructor(perSecond: number, burst: number, monotonic: number) {
    this.#perSecond = perSecond;
    this.#burst = burst;
    this.#left = burst;
    this.#at = monotonic;
  }

  /** Takes units and answers 0, or takes none and answers in how many milliseconds there will be enough. */
  take(units: number, monotonic: number): number {
    this.#left = Math.min(this.#burst, this.#left + ((monotonic - this.#at) / 1000) * this.#perSecond);
    this.#at = monotonic;
    if (this.#left >= units) {
      this.#left -= units;
      return 0;
    }
    return Math.ceil(((units - this.#left) / this.#perSecond) * 1000);
  }
}

// How many attempts a second are usual: what three in four of the last hour's minutes reach or pass, minutes of a storm
// left out, so that a storm which lasts does not become the usual. Fed by attempt-rates.ts; knows no clock.

const minuteMs = 60_000;
/** Minutes that say what is usual. */
const hour = 60;
/** How many times the usual a storm is, and a minute of fewer attempts is none; pages measure shorter stretches alike. */
const factor = 4;
const leastPerMinute = 60;
/** What has lasted so many minutes is no storm any more: more come now. */
const longestStorm = 24 * hour;

export class UsualAttempts {
  /** Of the last minutes without a storm, the newest last; before the first there was nobody. */
  #calm: readonly number[] = Array<number>(hour).fill(0);
  #learned = 0;
  #stormy = 0;
  #perMinute = 0;
  #minute: number | undefined;
  #count = 0;

  attempt(now: number): void {
    this.#advance(now);
    this.#count++;
  }

  perSecond(now: number): number {
    this.#advance(now);
    return this.#perMinute / 60;
  }

  #advance(now: number): void {
    const minute = Math.floor(now / minuteMs);
    // Of a clock that was set no more is known than that time went by.
    const passed = Math.min(Math.abs(minute - (this.#minute ?? minute)), hour);
    this.#minute = minute;
    for (let index = 0; index < passed; index++) {
      this.#learn(this.#count);
      this.#count = 0;
    }
  }

  #learn(count: number): void {
    const isStorm = count >= Math.max(leastPerMinute, this.#perMinute * factor);
    this.#stormy = isStorm ? this.#stormy + 1 : 0;
    if (this.#stormy > longestStorm) this.#learned = 0;
    // In its first hour nobody knows what is usual, and everything says it.
    if (isStorm && this.#learned >= hour) return;
    this.#learned++;
    this.#calm = [...this.#calm.slice(1), count];
    this.#perMinute = this.#calm.toSorted((one, other) => one - other)[hour / 4] as number;
  }
}

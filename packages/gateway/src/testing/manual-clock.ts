// A clock that stands still until a test moves it. Timers run in the order of their time, then of their making.

import type { Clock } from '../clock.ts';

interface Timer {
  readonly at: number;
  readonly callback: () => void;
}

export class ManualClock implements Clock {
  #elapsed = 0;
  /** In the order in which they run. */
  readonly #timers: Timer[] = [];
  /** Wall-clock time when the clock was made. */
  readonly start: number;

  constructor(start = Date.UTC(2026, 0, 1)) {
    this.start = start;
  }

  now(): number {
    return this.start + this.#elapsed;
  }

  monotonic(): number {
    return this.#elapsed;
  }

  after(ms: number, callback: () => void): () => void {
    const timer: Timer = { at: this.#elapsed + Math.max(0, ms), callback };
    this.#timers.splice(this.#placeOf(timer), 0, timer);
    return () => {
      const index = this.#timers.indexOf(timer);
      if (index >= 0) this.#timers.splice(index, 1);
    };
  }

  soon(callback: () => void): () => void {
    return this.after(0, callback);
  }

  /** Runs every timer due within so many milliseconds, also those that timers set. */
  advance(ms: number): void {
    const until = this.#elapsed + ms;
    for (;;) {
      const due = this.#timers[0];
      if (due === undefined || due.at > until) break;
      this.#timers.shift();
      this.#elapsed = Math.max(this.#elapsed, due.at);
      due.callback();
    }
    this.#elapsed = Math.max(this.#elapsed, until);
  }

  /** Lets time pass in which the process stands still: timers that came due run late, when it moves again. */
  freeze(ms: number): void {
    this.#elapsed += ms;
  }

  get pending(): number {
    return this.#timers.length;
  }

  /** Monotonic time of the timer that runs next; `Infinity` where none is set. */
  get nextAt(): number {
    return this.#timers[0]?.at ?? Infinity;
  }

  /** Index before the first timer that is due later: those of one time run in the order of their making. */
  #placeOf({ at }: Timer): number {
    let low = 0;
    let high = this.#timers.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#timers[middle] as Timer).at > at) high = middle;
      else low = middle + 1;
    }
    return low;
  }
}

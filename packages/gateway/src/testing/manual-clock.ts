// A clock that stands still until a test moves it. Timers run in the order of their time, then of their making.

import type { Clock } from '../clock.ts';

interface Timer {
  at: number;
  order: number;
  callback: () => void;
}

export class ManualClock implements Clock {
  #elapsed = 0;
  #order = 0;
  #timers: Timer[] = [];
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
    const timer: Timer = { at: this.#elapsed + Math.max(0, ms), order: this.#order++, callback };
    this.#timers.push(timer);
    return () => {
      this.#timers = this.#timers.filter((other) => other !== timer);
    };
  }

  soon(callback: () => void): () => void {
    return this.after(0, callback);
  }

  /** Runs every timer due within so many milliseconds, also those that timers set. */
  advance(ms: number): void {
    const until = this.#elapsed + ms;
    for (;;) {
      const due = this.#timers.filter(({ at }) => at <= until).sort((a, b) => a.at - b.at || a.order - b.order)[0];
      if (due === undefined) break;
      this.#timers = this.#timers.filter((other) => other !== due);
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
}

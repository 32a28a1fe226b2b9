// When to flush: one clock for all logs, so that what changes together leaves together. The first append after a quiet
// interval flushes at once, then a common tick; never sooner than the last flush took, counted from its end, so that many
// viewers cannot starve reading.

import type { Clock } from '../clock.ts';

export class FlushClock {
  readonly #clock: Clock;
  readonly #intervalMs: number;
  readonly #flush: () => void;
  #cancel: (() => void) | undefined;
  #endedAt = -Infinity;
  #tookMs = 0;

  constructor(clock: Clock, intervalMs: number, flush: () => void) {
    this.#clock = clock;
    this.#intervalMs = intervalMs;
    this.#flush = flush;
  }

  /** Asks for a flush; without effect where one is due already. */
  request(): void {
    if (this.#cancel !== undefined) return;
    const waitMs = this.#endedAt + Math.max(this.#intervalMs, this.#tookMs) - this.#clock.monotonic();
    const run = (): void => this.run();
    this.#cancel = waitMs <= 0 ? this.#clock.soon(run) : this.#clock.after(waitMs, run);
  }

  /** Flushes now; what was due is done with it. */
  run(): void {
    this.#cancel?.();
    this.#cancel = undefined;
    const startedAt = this.#clock.monotonic();
    this.#flush();
    this.#endedAt = this.#clock.monotonic();
    this.#tookMs = this.#endedAt - startedAt;
  }

  stop(): void {
    this.#cancel?.();
    this.#cancel = undefined;
  }
}

// The seam to time. Wall-clock time is only ever shown; everything that waits, ages or expires a log uses the
// monotonic clock, so that a corrected system clock ends no session and drops no message.

/** Where time comes from; tests pass a `ManualClock`. */
export interface Clock {
  /** Milliseconds since the epoch. */
  now(): number;
  /** Milliseconds that only ever grow. */
  monotonic(): number;
  /** Calls back once after so many milliseconds; the answer cancels. Does not keep the process alive. */
  after(ms: number, callback: () => void): () => void;
  /** Calls back as soon as the current turn and waiting I/O are through; the answer cancels. */
  soon(callback: () => void): () => void;
}

export const systemClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  after(ms, callback) {
    const timer = setTimeout(callback, ms);
    timer.unref();
    return () => clearTimeout(timer);
  },
  soon(callback) {
    const immediate = setImmediate(callback);
    return () => clearImmediate(immediate);
  },
};

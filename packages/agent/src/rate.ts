// Turns counters that only grow into amounts per second. Pure.

/** Bytes counted since some beginning, in two directions. */
export interface Counters {
  readonly first: number;
  readonly second: number;
}

/**
 * Makes a meter: each call gets a new reading and answers the rates per second since the last one. Undefined for the
 * first reading, and when a counter went back (a device was removed, a counter wrapped): an invented rate is worse than
 * none.
 */
export function createMeter(): (reading: Counters, monotonicMs: number) => Counters | undefined {
  let last: { readonly reading: Counters; readonly at: number } | undefined;
  return (reading, at) => {
    const before = last;
    last = { reading, at };
    if (before === undefined || at <= before.at) return undefined;
    const seconds = (at - before.at) / 1000;
    const first = (reading.first - before.reading.first) / seconds;
    const second = (reading.second - before.reading.second) / seconds;
    return first < 0 || second < 0 ? undefined : { first: Math.round(first), second: Math.round(second) };
  };
}

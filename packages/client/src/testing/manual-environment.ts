// A world whose clock, chance and signals are moved by hand; sockets stay real. Used by tests only.

import type { Environment, Signal } from '../environment.ts';

export interface ManualEnvironment extends Environment {
  online: boolean;
  hidden: boolean;
  /** What `random` answers. Default 0.5. */
  chance: number;
  /** Moves the clock and runs the timers due on the way, each at its time. */
  advance(ms: number): void;
  /** Moves the clock as sleep does: timers that were due on the way run late, at its end. */
  sleep(ms: number): void;
  signal(signal: Signal): void;
  /** Whether what loads late can't be had. */
  isCut: boolean;
  /** Timers that are set. */
  readonly timers: number;
}

export function manualEnvironment(): ManualEnvironment {
  let time = 1_000_000;
  let ids = 0;
  const run = Math.random().toString(36).slice(2, 10).padEnd(8, '0');
  const timers = new Set<{ due: number; run: () => void }>();
  const listeners = new Set<(signal: Signal) => void>();
  const due = (until: number) =>
    [...timers].filter((timer) => timer.due <= until).sort((one, other) => one.due - other.due)[0];
  const environment: ManualEnvironment = {
    online: true,
    hidden: false,
    isCut: false,
    chance: 0.5,
    now: () => time,
    random: () => environment.chance,
    randomId: () => `${run}${String(ids++).padStart(22 - run.length, '0')}`,
    after(ms, runTimer) {
      const timer = { due: time + Math.max(0, ms), run: runTimer };
      timers.add(timer);
      return () => timers.delete(timer);
    },
    isOnline: () => environment.online,
    isHidden: () => environment.hidden,
    load: () => (environment.isCut ? Promise.reject(new TypeError('no such chunk')) : import('../attendant.ts')),
    watch(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    advance(ms) {
      const end = time + ms;
      for (let next = due(end); next !== undefined; next = due(end)) {
        timers.delete(next);
        time = Math.max(time, next.due);
        next.run();
      }
      time = end;
    },
    sleep(ms) {
      time += ms;
      const end = time;
      for (const timer of [...timers].filter((one) => one.due <= end)) {
        if (!timers.delete(timer)) continue;
        timer.run();
      }
    },
    signal(signal) {
      for (const listener of [...listeners]) listener(signal);
    },
    get timers() {
      return timers.size;
    },
  };
  return environment;
}

// The page's clock for what shows an age: one timer per rate, none while the page is hidden.

import { useSyncExternalStore } from 'react';

interface Ticker {
  readonly subscribe: (listener: () => void) => () => void;
  readonly get: () => number;
}

const tickers = new Map<number, Ticker>();

function ticker(everyMs: number): Ticker {
  const found = tickers.get(everyMs);
  if (found !== undefined) return found;
  let now = Date.now();
  let timer: ReturnType<typeof setInterval> | undefined;
  const listeners = new Set<() => void>();
  const tick = (): void => {
    now = Date.now();
    for (const listener of listeners) listener();
  };
  const follow = (): void => {
    const wanted = listeners.size > 0 && !document.hidden;
    if (wanted && timer === undefined) {
      timer = setInterval(tick, everyMs);
      tick();
    } else if (!wanted && timer !== undefined) {
      clearInterval(timer);
      timer = undefined;
    }
  };
  const made: Ticker = {
    get: () => now,
    subscribe(listener) {
      if (listeners.size === 0) {
        now = Date.now();
        document.addEventListener('visibilitychange', follow);
      }
      listeners.add(listener);
      follow();
      return () => {
        listeners.delete(listener);
        if (listeners.size === 0) document.removeEventListener('visibilitychange', follow);
        follow();
      };
    },
  };
  tickers.set(everyMs, made);
  return made;
}

/** Milliseconds since the epoch by this page's clock, read again every `everyMs`. */
export function useClock(everyMs: number): number {
  const { subscribe, get } = ticker(everyMs);
  return useSyncExternalStore(subscribe, get);
}

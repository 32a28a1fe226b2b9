// The crosshair of a page: one time, shown by all its charts.

import { createContext, useContext, useSyncExternalStore, type Context } from 'react';

export interface Crosshair {
  /** Milliseconds since the epoch; undefined: nobody points. */
  readonly time: number | undefined;
  set(time: number | undefined): void;
  subscribe(listener: () => void): () => void;
}

export function createCrosshair(): Crosshair {
  let time: number | undefined;
  const listeners = new Set<() => void>();
  return {
    get time() {
      return time;
    },
    set(next) {
      if (next === time) return;
      time = next;
      for (const listener of listeners) listener();
    },
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}

/** Charts under one provider share a crosshair. */
export const CrosshairContext: Context<Crosshair> = createContext(createCrosshair());

export function useCrosshair(): readonly [Crosshair, number | undefined] {
  const crosshair = useContext(CrosshairContext);
  const time = useSyncExternalStore(crosshair.subscribe, () => crosshair.time);
  return [crosshair, time];
}

// A broker on a store whose answers are given by hand, for tests: commits and pages are held until they are let go.

import { StoredBroker } from '../broker/stored-broker.ts';
import type { LogBounds } from '../log/channel-log.ts';
import { ManualClock } from './manual-clock.ts';
import { type CommitFate, MemoryStore } from './memory-store.ts';

export const storedBounds: LogBounds = {
  kind: 'stream',
  count: 1000,
  keys: 1,
  seconds: undefined,
  bytes: 1024 * 1024,
  isStored: true,
};

export interface HandStore {
  readonly clock: ManualClock;
  readonly store: MemoryStore;
  readonly logged: string[];
  broker: StoredBroker;
  /** Holds what is asked of the store from now on. */
  hold(what: 'commits' | 'pages'): void;
  /** Lets go of what has come and is held, so that it ends like this, and holds nothing more. */
  release(fate?: CommitFate): Promise<void>;
  /** A new broker on the same store, as after a crash. */
  restart(): void;
}

export function handStore({ logBytes = 256 * 1024 * 1024 }: { logBytes?: number } = {}): HandStore {
  const clock = new ManualClock();
  const store = new MemoryStore();
  const logged: string[] = [];
  const note = (_fields: object, text: string): void => void logged.push(text);
  const log = { debug: note, info: note, warn: note, error: note };
  let held: ((fate: CommitFate) => void)[] = [];
  const hold = <Value>(value: (fate: CommitFate) => Value): Promise<Value> =>
    new Promise((resolve) => held.push((fate) => resolve(value(fate))));
  const make = (): StoredBroker => new StoredBroker({ clock, logBytes, store, log });
  const test: HandStore = {
    clock,
    store,
    logged,
    broker: make(),
    hold(what) {
      if (what === 'commits') store.fate = () => hold((fate) => fate);
      else store.onPage = () => hold(() => {});
    },
    async release(fate = 'written') {
      await settled();
      store.fate = () => 'written';
      store.onPage = () => {};
      const letGo = held;
      held = [];
      for (const release of letGo) release(fate);
      await settled();
    },
    restart() {
      test.broker = make();
    },
  };
  return test;
}

/** Resolves when promises that wait for nothing but each other are through. */
export async function settled(): Promise<void> {
  await new Promise((resolve) => setImmediate(resolve));
}

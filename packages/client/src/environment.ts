// What the client needs of the world around it: time, chance, and the page's signals. Tests pass their own; everything
// else takes this one. Knows nothing of connections.

/** Something happened to the page or the machine that makes a look at the line worthwhile. */
export type Signal = 'online' | 'offline' | 'wake';

export interface Environment {
  /** Milliseconds since the epoch. */
  now(): number;
  /** In [0, 1). */
  random(): number;
  /** 128 random bits in 22 to 64 characters of `[A-Za-z0-9_-]`. */
  randomId(): string;
  /** Runs later; returns how to cancel. */
  after(ms: number, run: () => void): () => void;
  isOnline(): boolean;
  isHidden(): boolean;
  /** Fetches what is not needed to connect. */
  load(): Promise<typeof import('./attendant.ts')>;
  /** Reports signals until the returned function is called. Default: the page's own, `watchPage`. */
  readonly watch?: (onSignal: (signal: Signal) => void) => () => void;
}

// Longer timers fire at once.
const longestTimer = 2 ** 31 - 1;

/** The browser's or Node's own. */
export const realEnvironment: Environment = {
  now: () => Date.now(),
  random: () => Math.random(),
  randomId: () => crypto.getRandomValues(new BigUint64Array(2)).join('-'),
  after(ms, run) {
    const timer = setTimeout(run, Math.min(ms, longestTimer));
    return () => clearTimeout(timer);
  },
  // Node's navigator has no `onLine`.
  isOnline: () => (globalThis.navigator as Partial<Navigator> | undefined)?.onLine ?? true,
  load: () => import('./attendant.ts'),
  isHidden: () => (globalThis.document as Document | undefined)?.hidden === true,
};

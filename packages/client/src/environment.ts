// What the client needs of the world around it: time, chance, and the page's signals. Tests pass their own; everything
// else takes this one. Knows nothing of connections.

/** Something happened to the page or the machine that makes a look at the line worthwhile. */
export type Signal = 'online' | 'offline' | 'wake';

export interface Environment {
  /** Milliseconds since the epoch. */
  now(): number;
  /** In [0, 1). */
  random(): number;
  /** 22 characters of `[A-Za-z0-9_-]`: 128 random bits. */
  randomId(): string;
  /** Runs later; returns how to cancel. */
  after(ms: number, run: () => void): () => void;
  isOnline(): boolean;
  isHidden(): boolean;
  /** Reports signals until the returned function is called. */
  watch(onSignal: (signal: Signal) => void): () => void;
}

// Longer timers fire at once.
const longestTimer = 2 ** 31 - 1;

/** The browser's or Node's own. */
export const realEnvironment: Environment = {
  now: () => Date.now(),
  random: () => Math.random(),
  randomId() {
    const bytes = crypto.getRandomValues(new Uint8Array(16));
    return btoa(String.fromCharCode(...bytes))
      .replaceAll('+', '-')
      .replaceAll('/', '_')
      .slice(0, 22);
  },
  after(ms, run) {
    const timer = setTimeout(run, Math.min(ms, longestTimer));
    return () => clearTimeout(timer);
  },
  isOnline: () => typeof navigator === 'undefined' || navigator.onLine !== false,
  isHidden: () => typeof document !== 'undefined' && document.hidden,
  watch(onSignal) {
    if (typeof document === 'undefined') return () => {};
    const leaving = new AbortController();
    const on = (target: EventTarget, name: string, signal: Signal) =>
      target.addEventListener(
        name,
        () => (signal === 'wake' && document.hidden ? undefined : onSignal(signal)),
        leaving,
      );
    on(window, 'online', 'online');
    on(window, 'offline', 'offline');
    // Some browsers tell of a return by one of these only.
    on(window, 'pageshow', 'wake');
    on(document, 'resume', 'wake');
    on(document, 'visibilitychange', 'wake');
    return () => leaving.abort();
  },
};

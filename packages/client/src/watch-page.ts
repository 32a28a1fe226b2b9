// The page's signals: network back or gone, page shown again, machine awake. Outside a page there are none.

import type { Signal } from './environment.ts';

/** Reports signals until the returned function is called. */
export function watchPage(onSignal: (signal: Signal) => void): () => void {
  if (typeof document === 'undefined') return () => {};
  const leaving = new AbortController();
  const on = (target: EventTarget, name: string, signal: Signal) =>
    target.addEventListener(
      name,
      () => {
        if (signal !== 'wake' || !document.hidden) onSignal(signal);
      },
      leaving,
    );
  on(window, 'online', 'online');
  on(window, 'offline', 'offline');
  // Some browsers tell of a return by one of these only.
  on(window, 'pageshow', 'wake');
  on(document, 'resume', 'wake');
  on(document, 'visibilitychange', 'wake');
  return () => leaving.abort();
}

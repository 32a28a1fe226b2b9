// Whether a media query holds now, and again when it changes: for what a style sheet alone cannot decide.

import { useMemo, useSyncExternalStore } from 'react';

/** Where pages are laid out for a phone; the style sheets have the same width. */
export const phone = '(max-width: 720px)';

export function useMedia(query: string): boolean {
  const store = useMemo(() => {
    const list = matchMedia(query);
    return {
      get: () => list.matches,
      subscribe(listener: () => void) {
        list.addEventListener('change', listener);
        return () => list.removeEventListener('change', listener);
      },
    };
  }, [query]);
  return useSyncExternalStore(store.subscribe, store.get);
}

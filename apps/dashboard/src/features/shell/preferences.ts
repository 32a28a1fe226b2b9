// What this browser remembers for its person: theme and single-key shortcuts. Kept in localStorage, shared by tabs.

import { useSyncExternalStore } from 'react';

export type Theme = 'system' | 'light' | 'dark';

export interface Preferences {
  readonly theme: Theme;
  /** Whether L pauses and goes live (WCAG 2.1.4: single keys can be turned off). */
  readonly shortcuts: boolean;
}

const key = 'telltale.preferences';
const listeners = new Set<() => void>();
let preferences = read();

/** Reads what is stored; anything it does not know is the default. Exported for its test. */
export function parsePreferences(text: string | null): Preferences {
  let stored: unknown;
  try {
    stored = JSON.parse(text ?? '{}');
  } catch {
    stored = {};
  }
  const { theme, shortcuts } = (typeof stored === 'object' && stored !== null ? stored : {}) as Record<string, unknown>;
  return { theme: theme === 'light' || theme === 'dark' ? theme : 'system', shortcuts: shortcuts !== false };
}

function read(): Preferences {
  try {
    return parsePreferences(localStorage.getItem(key));
  } catch {
    // Storage is blocked: the defaults hold for this page.
    return parsePreferences(null);
  }
}

/** Sets the theme on the document; to be called once before the first drawing. */
export function applyTheme(): void {
  const { theme } = preferences;
  if (theme === 'system') delete document.documentElement.dataset['theme'];
  else document.documentElement.dataset['theme'] = theme;
}

function change(next: Partial<Preferences>): void {
  preferences = { ...preferences, ...next };
  try {
    localStorage.setItem(key, JSON.stringify(preferences));
  } catch {
    // Storage is blocked or full: the choice holds until the page is left.
  }
  applyTheme();
  for (const listener of listeners) listener();
}

function subscribe(listener: () => void): () => void {
  const onStorage = (event: StorageEvent): void => {
    if (event.key !== key) return;
    preferences = read();
    applyTheme();
    listener();
  };
  addEventListener('storage', onStorage);
  listeners.add(listener);
  return () => {
    removeEventListener('storage', onStorage);
    listeners.delete(listener);
  };
}

export function usePreferences(): readonly [Preferences, (next: Partial<Preferences>) => void] {
  return [useSyncExternalStore(subscribe, () => preferences), change];
}

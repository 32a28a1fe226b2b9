// Pages by path, on the history API. An address that is none of the pages shows the overview's place in words, never a
// blank. Links are real links: middle click, copy and reload work.

import { useSyncExternalStore, type MouseEvent, type ReactElement, type ReactNode } from 'react';

const listeners = new Set<() => void>();

function notify(): void {
  for (const listener of listeners) listener();
}

function subscribe(listener: () => void): () => void {
  if (listeners.size === 0) addEventListener('popstate', notify);
  listeners.add(listener);
  return () => {
    listeners.delete(listener);
    if (listeners.size === 0) removeEventListener('popstate', notify);
  };
}

/** The path of the page, without a slash at its end. */
export function usePath(): string {
  const path = useSyncExternalStore(subscribe, () => location.pathname);
  return path.length > 1 && path.endsWith('/') ? path.slice(0, -1) : path;
}

export function navigate(path: string, how: 'push' | 'replace' = 'push'): void {
  if (path === location.pathname) return;
  if (how === 'push') history.pushState(null, '', path);
  else history.replaceState(null, '', path);
  notify();
}

export function Link({
  to,
  className,
  isCurrent = false,
  children,
}: {
  readonly to: string;
  readonly className?: string | undefined;
  readonly isCurrent?: boolean;
  readonly children: ReactNode;
}): ReactElement {
  const follow = (event: MouseEvent): void => {
    if (event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
    event.preventDefault();
    navigate(to);
  };
  return (
    <a href={to} className={className} aria-current={isCurrent ? 'page' : undefined} onClick={follow}>
      {children}
    </a>
  );
}

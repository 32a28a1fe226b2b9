// Pages by path, on the history API. An address that is none of the pages shows the overview's place in words, never a
// blank. Links are real links: middle click, copy and reload work.

import { useMemo, useSyncExternalStore, type MouseEvent, type ReactElement, type ReactNode } from 'react';

const listeners = new Set<() => void>();
let visits = 0;

function notify(): void {
  visits += 1;
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

/** What the address says behind its `?`: how a list is filtered and sorted, so that Back and a copied link keep it. */
export function useQuery(): URLSearchParams {
  const search = useSyncExternalStore(subscribe, () => location.search);
  return useMemo(() => new URLSearchParams(search), [search]);
}

/** Another number whenever somebody goes somewhere, also to the address where they are: what it asks for is asked for anew. */
export function useVisit(): number {
  return useSyncExternalStore(subscribe, () => visits);
}

/** Changes the query in its place, without a step in the history; undefined takes a name out. */
export function changeQuery(changes: Readonly<Record<string, string | undefined>>): void {
  const query = new URLSearchParams(location.search);
  for (const [name, value] of Object.entries(changes)) {
    if (value === undefined || value === '') query.delete(name);
    else query.set(name, value);
  }
  navigate(query.size === 0 ? location.pathname : `${location.pathname}?${query.toString()}`, 'replace');
}

/** Goes to a path, with its query. The one that is shown is no step in the history. */
export function navigate(path: string, how: 'push' | 'replace' = 'push'): void {
  if (path === location.pathname + location.search) return notify();
  if (how === 'push') history.pushState(null, '', path);
  else history.replaceState(null, '', path);
  notify();
}

type ParameterNames<Pattern extends string> = Pattern extends `${infer Part}/${infer Rest}`
  ? ParameterNames<Part> | ParameterNames<Rest>
  : Pattern extends `:${infer Name}`
    ? Name
    : never;

/** The parts that a pattern such as `/agents/:agent` names; undefined where the path is another page's. */
export function matchPath<const Pattern extends string>(
  pattern: Pattern,
  path: string,
): Readonly<Record<ParameterNames<Pattern>, string>> | undefined {
  const wanted = pattern.split('/');
  const found = path.split('/');
  if (wanted.length !== found.length) return undefined;
  const named: Record<string, string> = {};
  for (const [index, part] of wanted.entries()) {
    const text = decoded(found[index] ?? '');
    if (!part.startsWith(':')) {
      if (part !== text) return undefined;
    } else if (text === undefined || text === '') return undefined;
    else named[part.slice(1)] = text;
  }
  return named as Readonly<Record<ParameterNames<Pattern>, string>>;
}

/** Undefined: the address holds a `%` that nobody can read. */
function decoded(part: string): string | undefined {
  try {
    return decodeURIComponent(part);
  } catch {
    return undefined;
  }
}

export interface LinkProps {
  readonly to: string;
  readonly className?: string | undefined;
  readonly isCurrent?: boolean;
  /** In a row that is itself a stop of the Tab key and opens by Enter. */
  readonly isOutOfTabOrder?: boolean;
  readonly children: ReactNode;
  readonly 'aria-label'?: string | undefined;
  readonly 'data-light'?: string | undefined;
}

export function Link({ to, isCurrent = false, isOutOfTabOrder = false, children, ...rest }: LinkProps): ReactElement {
  const follow = (event: MouseEvent): void => {
    if (event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
    event.preventDefault();
    navigate(to);
  };
  return (
    <a
      {...rest}
      href={to}
      aria-current={isCurrent ? 'page' : undefined}
      tabIndex={isOutOfTabOrder ? -1 : undefined}
      onClick={follow}
    >
      {children}
    </a>
  );
}

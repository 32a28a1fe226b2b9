// Hears from the hub how often samples are wanted: the table `control/<agent>`, key `interval`. Without a line nobody
// watches.

import type { Connection } from '@telltale/client';
import { watchedMs } from '../reporter.ts';

/** Calls back when somebody begins or ceases to watch; the return value ends it. */
export function followPace(
  connection: Pick<Connection, 'subscribe' | 'onState' | 'state'>,
  agent: string,
  onWatched: (isWatched: boolean) => void,
): () => void {
  let isWatched = false;
  const subscription = connection.subscribe(`control/${agent}`, () => look());
  // Also when the line is back: what is held then is still so unless the hub says otherwise.
  const forget = connection.onState(() => look());

  function look(): void {
    const row = subscription.held.find(({ key }) => key === 'interval')?.data;
    const { intervalMs } = (row ?? {}) as { intervalMs?: unknown };
    const next = connection.state.kind === 'open' && typeof intervalMs === 'number' && intervalMs <= watchedMs;
    if (next === isWatched) return;
    isWatched = next;
    onWatched(next);
  }
  return () => {
    forget();
    subscription.close();
  };
}

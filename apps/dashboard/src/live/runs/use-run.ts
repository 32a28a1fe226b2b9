// One run for its page: the hub's snapshot by HTTP, its events by the line, and its row in the table of runs, which
// alone knows whether its machine is there. A newer snapshot is asked for where events are missing.

import type { RunState } from '@telltale/agent/run-state';
import type { Connection, Freshness, Subscription } from '@telltale/client';
import { useSharedConnection } from '@telltale/client/react';
import type { RunRow, RunSnapshot } from '@telltale/hub/api';
import { useQuery } from '@tanstack/react-query';
import { useCallback, useEffect, useMemo, useSyncExternalStore } from 'react';
import { ApiFailure } from '../../session/api.ts';
import { useSession } from '../../session/use-session.ts';
import { inFrame } from '../frame-cost.ts';
import { useLine, useOfRows } from '../live.tsx';
import type { LineCount } from '../output/held.ts';
import { createPace } from '../output/pace.ts';
import { createRunFold, type RunFold } from './run-fold.ts';
import { withEvents } from './run-row.ts';

export type RunView =
  | { readonly kind: 'asking' }
  /** No such run, no right to see it, or the hub does not answer. */
  | { readonly kind: 'failed'; readonly error: unknown; readonly isUnknown: boolean }
  | {
      readonly kind: 'known';
      readonly row: RunRow;
      readonly state: RunState;
      readonly earlier: RunSnapshot['earlier'];
      /** What the snapshot says about the numbers of lines. */
      readonly count: LineCount | undefined;
      readonly freshness: Freshness;
    };

export function useRun(run: string): RunView {
  const connection = useSharedConnection();
  const { session, state: who } = useSession();
  const { isUp } = useLine();
  const find = useCallback((rows: readonly RunRow[]) => rows.find((one) => one.run === run), [run]);
  const listed = useOfRows<RunRow, RunRow | undefined>('runs', find);
  const store = useMemo(() => createRunStore(connection, `runs/${run}`), [connection, run]);
  const { fold, freshness } = useSyncExternalStore(store.subscribe, store.get);
  const snapshot = useQuery({
    queryKey: ['run', run, who.kind],
    queryFn: ({ signal }) => session.call<RunSnapshot>(`/api/runs/${run}`, { signal }),
    staleTime: Infinity,
    // Asked for again while it is not known, and where events are missing; otherwise the line tells.
    refetchInterval: (query) => (isUp && (fold.isBehind || query.state.data === undefined) ? 1_000 : false),
    refetchOnWindowFocus: false,
    retry: false,
  });
  const { data } = snapshot;
  useEffect(() => {
    if (data !== undefined) store.takeSnapshot(data);
  }, [store, data]);
  const row = listed ?? data?.row;
  const state = fold.state;
  if (data === undefined || row === undefined || state === undefined) {
    if (!snapshot.isError) return { kind: 'asking' };
    const isUnknown = snapshot.error instanceof ApiFailure && [4404, 4403].includes(snapshot.error.code);
    return { kind: 'failed', error: snapshot.error, isUnknown };
  }
  return { kind: 'known', row: withEvents(row, state), state, earlier: data.earlier, count: countOf(data), freshness };
}

function countOf({ position, state }: RunSnapshot): LineCount | undefined {
  return position === null ? undefined : { ...position, lines: state.lines + state.dropped };
}

/** Facts of a run are drawn so often while its output rushes by, in milliseconds. */
const drawnEveryMs = 100;

interface RunStore {
  readonly get: () => { readonly fold: Pick<RunFold, 'state' | 'isBehind'>; readonly freshness: Freshness };
  readonly subscribe: (listener: () => void) => () => void;
  readonly takeSnapshot: (snapshot: RunSnapshot) => void;
}

/** Folds while somebody listens. */
function createRunStore(connection: Connection, channel: string): RunStore {
  let fold = createRunFold();
  let freshness: Freshness = { kind: 'catching-up' };
  let subscription: Subscription | undefined;
  const listeners = new Set<() => void>();
  const viewed = (): ReturnType<RunStore['get']> => ({
    fold: { state: fold.state, isBehind: fold.isBehind },
    freshness,
  });
  let view = viewed();
  const pace = createPace({
    frame: inFrame,
    apartMs: () => drawnEveryMs,
    run() {
      view = viewed();
      for (const listener of listeners) listener();
    },
  });
  return {
    get: () => view,
    subscribe(listener) {
      listeners.add(listener);
      subscription ??= connection.subscribe(channel, (event) => {
        if (event.type === 'messages') {
          for (const epoch of new Set(event.messages.map((message) => message.epoch))) {
            fold.take(
              epoch,
              event.messages.filter((message) => message.epoch === epoch),
            );
          }
        } else if (event.type === 'freshness') freshness = event.freshness;
        else if (event.type === 'cleared') fold = createRunFold();
        pace.ask();
      });
      return () => {
        listeners.delete(listener);
        if (listeners.size > 0) return;
        subscription?.close();
        subscription = undefined;
        pace.stop();
      };
    },
    takeSnapshot(snapshot) {
      fold.takeSnapshot(snapshot);
      pace.ask();
    },
  };
}

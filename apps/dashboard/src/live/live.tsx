// The one place that knows the client: opens the line for who is signed in, and gives the app its state, its tables
// and its samples.

import {
  createConnection,
  tableStore,
  type Connection,
  type ConnectionState,
  type Freshness,
  type Store,
  type TableSnapshot,
} from '@telltale/client';
import { ConnectionProvider, useConnection, useTable } from '@telltale/client/react';
import {
  createContext,
  useContext,
  useEffect,
  useMemo,
  useRef,
  useSyncExternalStore,
  type ReactElement,
  type ReactNode,
} from 'react';
import { useSession } from '../session/use-session.ts';
import { inFrame } from './frame-cost.ts';
import { createHistory, type History, type HistoryStore } from './history.ts';
import { useClock } from './use-clock.ts';

interface Live {
  readonly connection: Connection;
  readonly histories: Map<string, HistoryStore>;
  /** When the last frame of any kind came, by this page's clock. */
  heardAt: number | undefined;
}

const LiveContext = createContext<Live | undefined>(undefined);

/** Opens one line per identity; the line of the one before is closed. */
export function LiveProvider({ children }: { readonly children: ReactNode }): ReactElement {
  const { session, state } = useSession();
  const generation = 'generation' in state ? state.generation : 0;
  const isKnown = state.kind === 'signed-in';
  const live = useMemo<Live>(
    () => {
      const connection = createConnection({ url: '/ws/', ...(isKnown ? { token: () => session.lineToken() } : {}) });
      const made: Live = { connection, histories: new Map(), heardAt: undefined };
      connection.onFrame(() => {
        made.heardAt = Date.now();
      });
      return made;
    },
    // A new identity is a new line: nothing of the one before may be shown to the next.
    // oxlint-disable-next-line react-hooks/exhaustive-deps -- the generation is read nowhere, and is why it begins anew
    [session, isKnown, generation],
  );
  const closing = useRef(new Map<Live, ReturnType<typeof setTimeout>>());
  useEffect(() => {
    const timers = closing.current;
    clearTimeout(timers.get(live));
    timers.delete(live);
    // A moment later: StrictMode leaves and comes back at once, and that must not cost the line.
    return () => {
      timers.set(
        live,
        setTimeout(() => live.connection.close('another identity, or nobody'), 0),
      );
    };
  }, [live]);
  return (
    <LiveContext.Provider value={live}>
      <ConnectionProvider connection={live.connection}>{children}</ConnectionProvider>
    </LiveContext.Provider>
  );
}

function useLive(): Live {
  const live = useContext(LiveContext);
  if (live === undefined) throw new Error('found no <LiveProvider> above this component');
  return live;
}

/** How the line stands. */
export interface Line {
  readonly state: ConnectionState;
  readonly isUp: boolean;
  readonly roundTripMs: number | undefined;
  /** Add to this page's clock to get the hub's. */
  readonly clockOffsetMs: number;
  /** When the hub was last heard, by its own clock; read when this renders. */
  readonly heardAt: number | undefined;
  readonly retryNow: () => void;
}

export function useLine(): Line {
  const { connection, state } = useConnection();
  const { heardAt } = useLive();
  return {
    state,
    isUp: state.kind === 'open',
    roundTripMs: connection.roundTripMs,
    clockOffsetMs: connection.clockOffsetMs,
    heardAt: heardAt === undefined ? undefined : heardAt + connection.clockOffsetMs,
    retryNow: connection.retryNow,
  };
}

/** The hub's clock, read again every `everyMs` while the page is seen. */
export function useHubNow(everyMs: number): number {
  const { connection } = useLive();
  return useClock(everyMs) + connection.clockOffsetMs;
}

/** The samples of one machine, the last 15 minutes at once, then live. */
export function useHistory(agent: string): History {
  const { connection, histories } = useLive();
  const store = historyOf(connection, histories, `metrics/${agent}`);
  return useSyncExternalStore(store.subscribe, store.get);
}

/** The one store of a channel; held while somebody uses it. */
function historyOf(connection: Connection, histories: Map<string, HistoryStore>, channel: string): HistoryStore {
  const found = histories.get(channel);
  if (found !== undefined) return found;
  const store = createHistory({
    connection,
    channel,
    frame: inFrame,
    onUsed(isUsed) {
      if (isUsed) histories.set(channel, store);
      else if (histories.get(channel) === store) histories.delete(channel);
    },
  });
  histories.set(channel, store);
  return store;
}

export interface Rows<Row> {
  readonly rows: readonly Row[];
  readonly freshness: Freshness;
  readonly denied: boolean;
  /** Whether it was read once: no row then means that there is none. */
  readonly isRead: boolean;
}

/** The rows of a table; undefined: none is asked for. */
export function useRows<Row>(channel: string | undefined): Rows<Row> {
  const table = useTable<Row>(channel as never) as TableSnapshot<Row>;
  return useMemo(
    () => ({
      rows: table.rows.map(({ data }) => data),
      freshness: table.freshness,
      denied: table.denied !== undefined,
      isRead: isRead(table),
    }),
    [table],
  );
}

/**
 * What the rows of a table come to, such as their number, or one of them: draws anew only when that changes, however
 * often rows do.
 *
 * @param channel undefined: none is asked for, and there are no rows
 * @param of must be the same function at each call; `isRead` says that there are no other rows than these
 * @param isSame whether two values say the same; default: only one and the same value does
 */
export function useOfRows<Row, Value>(
  channel: string | undefined,
  of: (rows: readonly Row[], isRead: boolean) => Value,
  isSame: (one: Value, other: Value) => boolean = Object.is,
): Value {
  const { connection } = useLive();
  const store = useMemo(() => storeOfRows(connection, channel, of, isSame), [connection, channel, of, isSame]);
  return useSyncExternalStore(store.subscribe, store.getSnapshot);
}

function storeOfRows<Row, Value>(
  connection: Connection,
  channel: string | undefined,
  of: (rows: readonly Row[], isRead: boolean) => Value,
  isSame: (one: Value, other: Value) => boolean,
): Store<Value> {
  if (channel === undefined) {
    const none = of([], false);
    return { subscribe: () => () => {}, getSnapshot: () => none };
  }
  const table = tableStore<Row>(connection, channel);
  let seen: TableSnapshot<Row> | undefined;
  let value = of([], false);
  return {
    subscribe: table.subscribe,
    getSnapshot() {
      const snapshot = table.getSnapshot();
      if (snapshot === seen) return value;
      seen = snapshot;
      const rows = snapshot.rows.map(({ data }) => data);
      const next = of(rows, isRead(snapshot));
      if (!isSame(value, next)) value = next;
      return value;
    },
  };
}

/** Whether a table was read once: no row then means that there is none. */
function isRead({ rows, freshness }: TableSnapshot): boolean {
  return rows.length > 0 || freshness.kind !== 'catching-up';
}

// The hook for one endpoint and one component: the page's hostname on port 8000, the token from `localStorage`, a
// connection that stays connected and says why when it does not. For channels over one shared connection see `useTable`.

import { useEffect, useMemo, useRef, useSyncExternalStore } from 'react';
import { conflated } from '../conflate.ts';
import { createConnection } from '../connection.ts';
import type { Cause, Connection, ConnectionOptions, ConnectionState, Freshness } from '../types.ts';
import { defaultUrl } from '../url.ts';
import type { Store } from '../store.ts';
import { useConnected } from './provider.ts';

export interface UseWebSocketOptions extends Omit<ConnectionOptions, 'url' | 'token'> {
  /** Default: `localStorage.access_token`, read when a token is needed. False: none. */
  readonly token?: ConnectionOptions['token'] | false;
  /** Default `query`, which every server understands; `subprotocol` keeps the token out of access logs. */
  readonly tokenIn?: 'query' | 'subprotocol';
  /** Called for every message, also for those that come between two renders. */
  readonly onMessage?: (message: ReceivedMessage) => void;
}

export interface ReceivedMessage {
  /** The text as it came; of a frame that came with others in one message, its JSON made anew. */
  readonly data: string;
  /** The text read as JSON; undefined if it is none. */
  readonly json: unknown;
  /** When it came, milliseconds since the epoch. */
  readonly at: number;
}

export interface WebSocketView {
  readonly status: ConnectionState['kind'];
  readonly state: ConnectionState;
  /** Why it is not open, where there is a reason. */
  readonly cause: Cause | undefined;
  readonly lastMessage: ReceivedMessage | undefined;
  readonly lastJsonMessage: unknown;
  readonly freshness: Freshness;
  /** Sends text, or an object as JSON; false: the line is not open. */
  readonly send: (message: string | object) => boolean;
  /** For publish, call, close and retry. */
  readonly connection: Connection | undefined;
}

interface Snapshot {
  readonly state: ConnectionState;
  readonly freshness: Freshness;
  readonly lastMessage: ReceivedMessage | undefined;
}

const before: Snapshot = { state: { kind: 'idle' }, freshness: { kind: 'catching-up' }, lastMessage: undefined };
const noStore: Store<Snapshot> = { getSnapshot: () => before, subscribe: () => () => {} };

/**
 * Connects to one endpoint while mounted.
 *
 * @param url a path (`/ws/dashboard/`: the page's hostname, port 8000, `wss:` where the page came by https) or a whole
 *   URL; null: not connected. With another `url`, `tokenIn` or `speaks` it connects anew; other options are read
 *   when they are needed.
 */
export function useWebSocket(url: string | URL | null, options: UseWebSocketOptions = {}): WebSocketView {
  const latest = useRef(options);
  useEffect(() => {
    latest.current = options;
  });
  const { tokenIn = 'query', speaks = 'telltale' } = options;
  const given = url === null ? undefined : String(url);
  const connection = useMemo(() => {
    if (given === undefined) return undefined;
    const { onMessage: _onMessage, token: _token, shouldReconnect: _should, ...rest } = latest.current;
    return createConnection({
      ...rest,
      tokenIn,
      speaks,
      url: /^\/(?!\/)/.test(given) ? defaultUrl(given) : given,
      token: () => {
        const { token = storedToken } = latest.current;
        return token === false ? undefined : token();
      },
      ...(latest.current.shouldReconnect === undefined
        ? {}
        : { shouldReconnect: (event) => latest.current.shouldReconnect?.(event) ?? true }),
    });
  }, [given, tokenIn, speaks]);
  const store = useMemo(
    () => (connection === undefined ? noStore : storeOf(connection, (message) => latest.current.onMessage?.(message))),
    [connection],
  );
  // Before the connection opens, so that no message comes before somebody listens.
  const { state, freshness, lastMessage } = useSyncExternalStore(store.subscribe, store.getSnapshot, () => before);
  useConnected(connection, true);
  return {
    status: state.kind,
    state,
    cause: 'cause' in state ? state.cause : undefined,
    lastMessage,
    lastJsonMessage: lastMessage?.json,
    freshness,
    send: connection?.send ?? (() => false),
    connection,
  };
}

function storedToken(): string | undefined {
  try {
    return localStorage.getItem('access_token') ?? undefined;
  } catch {
    // Storage is forbidden here: connect without.
    return undefined;
  }
}

function storeOf(connection: Connection, onMessage: (message: ReceivedMessage) => void): Store<Snapshot> {
  let snapshot = before;
  let lastMessage: ReceivedMessage | undefined;
  return {
    getSnapshot: () => snapshot,
    subscribe(onChange) {
      const frame = conflated(() => {
        snapshot = { state: connection.state, freshness: connection.freshness, lastMessage };
        onChange();
      });
      const removals = [
        connection.onState(() => frame.ask()),
        connection.onFrame((json, data) => {
          lastMessage = { data, json: json ?? parsed(data), at: Date.now() };
          frame.ask();
          onMessage(lastMessage);
        }),
      ];
      return () => {
        frame.cancel();
        removals.forEach((remove) => remove());
      };
    },
  };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

// Shares one connection with all components below. Opens it when mounted; closes only what it made itself.

import {
  createContext,
  createElement,
  type ReactNode,
  useContext,
  useEffect,
  useState,
  useSyncExternalStore,
} from 'react';
import { createConnection } from '../connection.ts';
import type { Connection, ConnectionOptions, ConnectionState } from '../types.ts';

const Context = createContext<Connection | undefined>(undefined);

export type ConnectionProviderProps =
  /** A connection that is made and closed elsewhere; opened here if it is idle. */
  | { readonly connection: Connection; readonly options?: never; readonly children?: ReactNode }
  /** Read once, at the first render: makes a connection that lives as long as the provider. */
  | { readonly connection?: never; readonly options: ConnectionOptions; readonly children?: ReactNode };

export function ConnectionProvider({ connection, options, children }: ConnectionProviderProps): ReactNode {
  const [own] = useState(() => (connection === undefined ? createConnection(options) : undefined));
  const shared = (connection ?? own) as Connection;
  useConnected(shared, own !== undefined && connection === undefined);
  return createElement(Context.Provider, { value: shared }, children);
}

/** The shared connection and its state; renders again when the state changes. */
export interface ConnectionView {
  readonly connection: Connection;
  readonly state: ConnectionState;
}

export function useConnection(): ConnectionView {
  const connection = useSharedConnection();
  return { connection, state: useConnectionState(connection) };
}

/** The shared connection, without rendering again when its state changes. */
export function useSharedConnection(): Connection {
  const connection = useContext(Context);
  if (connection === undefined) {
    throw Object.assign(new Error('found no <ConnectionProvider> above this component, expected one around the app'), {
      code: 'ERR_NO_PROVIDER',
    });
  }
  return connection;
}

const idle: ConnectionState = { kind: 'idle' };

function useConnectionState(connection: Connection): ConnectionState {
  return useSyncExternalStore(
    connection.onState,
    () => connection.state,
    () => idle,
  );
}

const closing = new WeakMap<Connection, ReturnType<typeof setTimeout>>();

/**
 * Keeps a connection open while mounted. Closing waits a moment: StrictMode unmounts and mounts again at once, and that
 * must not cost a second socket.
 */
export function useConnected(connection: Connection | undefined, isOwn: boolean): void {
  useEffect(() => {
    if (connection === undefined) return undefined;
    clearTimeout(closing.get(connection));
    if (isOwn || connection.state.kind === 'idle') connection.connect();
    if (!isOwn) return undefined;
    return () => {
      closing.set(
        connection,
        setTimeout(() => connection.close('left the page'), 0),
      );
    };
  }, [connection, isOwn]);
}

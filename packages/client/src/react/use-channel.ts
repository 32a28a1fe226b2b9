// One channel in a component: `useTable` and `useStream` over the shared connection, at most one render per frame.

import { useSyncExternalStore } from 'react';
import {
  emptyStream,
  emptyTable,
  type Store,
  type StreamSnapshot,
  streamStore,
  type TableSnapshot,
  tableStore,
} from '../store.ts';
import type { SubscribeOptions } from '../types.ts';
import { useSharedConnection } from './provider.ts';
import type { RegisteredData, RegisteredName, UnregisteredName } from './types.ts';

/**
 * The rows of a table, live. Unmounting unsubscribes after a linger, so that moving between views asks for nothing anew.
 *
 * @param channel undefined: none, for now
 */
export function useTable<Channel extends RegisteredName<'table'>>(
  channel: Channel | undefined,
): TableSnapshot<RegisteredData<Channel>>;
export function useTable<Data = unknown>(channel: UnregisteredName | undefined): TableSnapshot<Data>;
export function useTable(channel: string | undefined): TableSnapshot {
  const connection = useSharedConnection();
  return useStore(channel === undefined ? noTable : tableStore(connection, channel), emptyTable);
}

/** The newest messages of a stream, live. As `useTable` otherwise. */
export function useStream<Channel extends RegisteredName<'stream'>>(
  channel: Channel | undefined,
  options?: SubscribeOptions,
): StreamSnapshot<RegisteredData<Channel>>;
export function useStream<Data = unknown>(
  channel: UnregisteredName | undefined,
  options?: SubscribeOptions,
): StreamSnapshot<Data>;
export function useStream(channel: string | undefined, options?: SubscribeOptions): StreamSnapshot {
  const connection = useSharedConnection();
  return useStore(channel === undefined ? noStream : streamStore(connection, channel, options), emptyStream);
}

const noTable: Store<TableSnapshot> = { getSnapshot: () => emptyTable, subscribe: () => () => {} };
const noStream: Store<StreamSnapshot> = { getSnapshot: () => emptyStream, subscribe: () => () => {} };

function useStore<Snapshot>(store: Store<Snapshot>, onServer: Snapshot): Snapshot {
  return useSyncExternalStore(store.subscribe, store.getSnapshot, () => onServer);
}

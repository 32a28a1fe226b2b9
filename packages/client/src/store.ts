// One channel as an external store: an immutable snapshot, replaced at most once per animation frame. What is read
// between two frames is the published snapshot, not the live state, so that a burst costs one render (React or other).

import { conflated } from './conflate.ts';
import type { Connection, Freshness, HeldMessage, SubscribeOptions, Subscription } from './types.ts';

export interface Store<Snapshot> {
  /** The same object until something changed and a frame passed. */
  readonly getSnapshot: () => Snapshot;
  /** The channel is subscribed while somebody listens, and a little longer. */
  readonly subscribe: (onChange: () => void) => () => void;
}

export interface ChannelSnapshot {
  readonly freshness: Freshness;
  /** Rights lost, or no such channel. */
  readonly denied: Subscription['denied'];
  /** Takes note of a gap: freshness goes back to `live`. */
  readonly acknowledgeGap: () => void;
}

export interface TableSnapshot<Data = unknown> extends ChannelSnapshot {
  /** One message per key, in the order the keys first came. */
  readonly rows: readonly HeldMessage<Data>[];
}

export interface StreamSnapshot<Data = unknown> extends ChannelSnapshot {
  /** Oldest first. Older lives of the log stay as history: `epoch` tells them apart. */
  readonly messages: readonly HeldMessage<Data>[];
}

const nothing: readonly never[] = [];
const catchingUp: Freshness = { kind: 'catching-up' };
const empty: ChannelSnapshot = { freshness: catchingUp, denied: undefined, acknowledgeGap() {} };
/** Before anything arrived, and on a server that renders. */
export const emptyTable: TableSnapshot<never> = { ...empty, rows: nothing };
export const emptyStream: StreamSnapshot<never> = { ...empty, messages: nothing };

const stores = new WeakMap<Connection, Map<string, Store<unknown>>>();

/** The store of a table; the same one for the same connection and channel. */
export function tableStore<Data = unknown>(connection: Connection, channel: string): Store<TableSnapshot<Data>> {
  return storeOf<Data, TableSnapshot<Data>>(connection, channel, `t ${channel}`, {}, emptyTable, (rows, rest) => ({
    ...rest,
    rows,
  }));
}

/** The store of a stream; the same one for the same connection, channel and options. */
export function streamStore<Data = unknown>(
  connection: Connection,
  channel: string,
  options: SubscribeOptions = {},
): Store<StreamSnapshot<Data>> {
  const key = `s ${channel} ${JSON.stringify(options)}`;
  return storeOf<Data, StreamSnapshot<Data>>(connection, channel, key, options, emptyStream, (messages, rest) => ({
    ...rest,
    messages,
  }));
}

function storeOf<Data, Snapshot>(
  connection: Connection,
  channel: string,
  key: string,
  options: SubscribeOptions,
  initial: Snapshot,
  make: (held: readonly HeldMessage<Data>[], rest: ChannelSnapshot) => Snapshot,
): Store<Snapshot> {
  let ofConnection = stores.get(connection);
  if (ofConnection === undefined) stores.set(connection, (ofConnection = new Map()));
  const found = ofConnection.get(key);
  if (found !== undefined) return found as Store<Snapshot>;

  const listeners = new Set<() => void>();
  let snapshot = initial;
  let subscription: Subscription<Data> | undefined;
  const acknowledgeGap = () => subscription?.acknowledgeGap();
  const publish = () => {
    if (subscription === undefined) return;
    const { held, freshness, denied } = subscription;
    snapshot = make(held, { freshness, denied, acknowledgeGap });
    for (const listener of [...listeners]) listener();
  };
  const frame = conflated(publish);
  const store: Store<Snapshot> = {
    getSnapshot: () => snapshot,
    subscribe(onChange) {
      ofConnection.set(key, store);
      if (subscription === undefined) {
        subscription = connection.subscribe<Data>(channel, () => frame.ask(), options);
        // Another store, or this one a moment ago, may hold the channel already: then nothing need be waited for.
        if (subscription.held.length > 0) publish();
      }
      listeners.add(onChange);
      return () => {
        listeners.delete(onChange);
        if (listeners.size > 0 || subscription === undefined) return;
        frame.cancel();
        subscription.close();
        subscription = undefined;
        ofConnection.delete(key);
      };
    },
  };
  ofConnection.set(key, store);
  return store;
}

// The contract of a store: where the messages of stored channels outlive the process. The stored broker commits here
// before anybody is shown a message, and seeds its local logs from here. Every store runs `testing/describe-store.ts`.

import type { Position } from '@telltale/protocol';
import type { NewMessage } from '../log/channel-log.ts';
import type { OnceKey } from './broker.ts';

/** One append of a commit. */
export interface StoreAppend {
  readonly channel: string;
  /** What the messages carry as their time, in milliseconds since the epoch. */
  readonly time: number;
  /** Empty with `once`: only the seq is used up. */
  readonly messages: readonly Pick<NewMessage, 'body'>[];
  readonly once: OnceKey | undefined;
}

export type StoreOutcome =
  /** `first` is the offset of its first message; the others follow by 1. */
  | { readonly kind: 'appended'; readonly epoch: string; readonly first: number }
  | { readonly kind: 'duplicate'; readonly position: Position }
  | { readonly kind: 'refused' }
  | { readonly kind: 'out-of-order'; readonly expected: number };

/** A run of messages that were appended together. */
export interface StoredMessages {
  /** Offset of the first; the others follow by 1. */
  readonly first: number;
  readonly time: number;
  /** Each message's JSON behind `offset` and `time`: `"data":…}`. */
  readonly bodies: readonly string[];
}

/** The young end of a stored log, or a page of it. */
export interface StoredPage {
  readonly epoch: string;
  /** Offset of the newest message, kept or not. */
  readonly head: number;
  /** Offset up to which messages are gone from the store. */
  readonly horizon: number;
  /** Oldest first. */
  readonly messages: readonly StoredMessages[];
}

export interface MessageStore {
  /**
   * Commits appends of any channels, in their order: all of them, or none and it rejects. When it resolves, what was
   * appended survives a crash of the process and of the machine. A channel's first append begins its log and epoch.
   */
  commit(appends: readonly StoreAppend[]): Promise<readonly StoreOutcome[]>;
  /**
   * The newest messages before an offset (undefined: from the head): at least one if there is any, then as many as
   * `count` and `bytes` allow; whole runs, so there may be more than `count`. Undefined: there is no such log.
   */
  page(
    channel: string,
    options: { readonly before?: number; readonly count: number; readonly bytes: number },
  ): Promise<StoredPage | undefined>;
}

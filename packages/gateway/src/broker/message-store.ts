// The contract of a store: where the messages of stored channels outlive the process. The stored broker commits here
// before anybody is shown a message, and seeds its local logs from here. Every store runs `testing/describe-store.ts`.

import type { Position } from '@telltale/protocol';
import type { OnceKey } from './broker.ts';

/** One append of a commit. */
export interface StoreAppend {
  readonly channel: string;
  /** What the messages carry as their time, in milliseconds since the epoch. The 7 days of `once` count from it too. */
  readonly time: number;
  /**
   * Each message's JSON behind `offset` and `time`: `"data":…}`. Empty with `once`: only the seq is used up, or where
   * it `recalls`, not even that.
   */
  readonly bodies: readonly string[];
  readonly once: OnceKey | undefined;
  /** Nothing is appended or used up: it is asked whether `once`, which it has, led to a message (ONC6). */
  readonly recalls?: true;
}

export type StoreOutcome =
  /**
   * `first` is the offset of its first message; the others follow by 1. `replaced` is what the store, which may know what
   * messages mean, made of messages of this log in the same commit, of these or of earlier ones.
   */
  | {
      readonly kind: 'appended';
      readonly epoch: string;
      readonly first: number;
      readonly replaced?: readonly ReplacedMessage[];
    }
  /** `position` is that of the last message this producer appended. */
  | { readonly kind: 'duplicate'; readonly position: Position }
  /** `seq` was used up without a message, now or before. */
  | { readonly kind: 'refused' }
  | { readonly kind: 'out-of-order'; readonly expected: number }
  /** It recalls, and `once` led to no message. */
  | { readonly kind: 'not-appended' };

/** A message that says something else from now on, at its place: what it said before is gone (STO5). */
export interface ReplacedMessage {
  readonly offset: number;
  /** As before. */
  readonly time: number;
  /** Its JSON behind `offset` and `time`: `"data":…}`. */
  readonly body: string;
}

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
  /** Oldest first, without a hole between them. */
  readonly messages: readonly StoredMessages[];
}

export interface PageRequest {
  /** Messages before this offset; undefined: from the head. A run that it falls into is cut there. */
  readonly before?: number;
  /** Most messages and most bytes of their bodies, but at least one run; whole runs, so there may be more. */
  readonly count: number;
  readonly bytes: number;
  /** Messages older than this, in milliseconds since the epoch, are not needed and may be left out. */
  readonly since?: number;
}

/** `code` of an error with which `commit` rejects where it is certain that nothing was written. */
export const nothingWritten = 'ERR_TELLTALE_NOTHING_WRITTEN';

export interface MessageStore {
  /**
   * Commits appends of any channels, in their order, all or none; called again only when it has settled. When it
   * resolves, with one outcome for each, what was appended survives a crash of the process and of the machine. A
   * channel's first append begins its log and epoch. It rejects with `code: nothingWritten` where that is certain;
   * after any other rejection it is not known whether all or none was written, and the logs are read again.
   */
  commit(appends: readonly StoreAppend[]): Promise<readonly StoreOutcome[]>;
  /**
   * The newest messages before an offset, also while a commit is under way; it holds whatever has been committed when
   * it is called. Undefined: there is no such log.
   */
  page(channel: string, request: PageRequest): Promise<StoredPage | undefined>;
}

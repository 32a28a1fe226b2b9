// The contract of a broker: it keeps a channel's log the same wherever it is followed. Everything above reads the local
// log; only appends and announcements pass through here. Every broker runs the suite in `testing/describe-broker.ts`.

import type { Position } from '@telltale/protocol';
import type { ChannelLog, LogBounds, NewMessage } from '../log/channel-log.ts';

/** Makes an append idempotent (ONC1 to ONC6). */
export interface OnceKey {
  /** Id of the identity that publishes. */
  readonly identity: string;
  readonly producer: string;
  readonly seq: number;
}

export type AppendOutcome =
  /** `position` is that of the last message; `time`, in milliseconds since the epoch, is what all of them carry. */
  | { readonly kind: 'appended'; readonly position: Position; readonly duplicate: false; readonly time: number }
  /** `position` is that of the last message this producer appended. */
  | { readonly kind: 'appended'; readonly position: Position; readonly duplicate: true }
  /** `seq` was used up without a message, now or before. */
  | { readonly kind: 'refused' }
  /** `seq` is not the next one; nothing was appended. */
  | { readonly kind: 'out-of-order'; readonly expected: number }
  /** Nothing was appended; may be tried again. */
  | { readonly kind: 'unavailable'; readonly reason: string }
  /** It is not known whether it was appended; trying again with the same `once` is safe. */
  | { readonly kind: 'unknown'; readonly reason: string };

/** What became of a publish, for who may not publish it now. */
export type RecallOutcome =
  | Extract<AppendOutcome, { duplicate: true }>
  | { readonly kind: 'not-appended' }
  /** That cannot be said now; asking again is safe. */
  | Extract<AppendOutcome, { kind: 'unavailable' }>;

/** A channel's log, kept equal to the broker's while it is followed. */
export interface Following {
  /** The local log; undefined until the first append. A new object, with another epoch, when the log began anew. */
  readonly log: ChannelLog | undefined;
  /** Whether announcements may have been missed and the log is being read again. */
  readonly inDoubt: boolean;
  release(): void;
}

export interface Broker {
  /**
   * Appends messages, all or none. An empty list with `once` only uses the seq up. What comes back at once, not as a
   * promise, has been appended to the local log by then; promises of one channel resolve in the order of its log.
   */
  append(
    channel: string,
    messages: readonly NewMessage[],
    bounds: LogBounds,
    once?: OnceKey,
  ): AppendOutcome | Promise<AppendOutcome>;

  /**
   * Whether a publish with this `once` was appended, behind every append that came before. Appends nothing and uses
   * nothing up (ONC6).
   */
  recall(channel: string, bounds: LogBounds, once: OnceKey): RecallOutcome | Promise<RecallOutcome>;

  /**
   * Follows a channel; resolves, or answers at once, when the local log equals the broker's. `onChange` is called when
   * the log grew, began, began anew, or fell into or out of doubt. Following does not create a log (CHA4).
   */
  follow(channel: string, bounds: LogBounds, onChange: () => void): Following | Promise<Following>;

  /** Lets go of what is over its age or budget; called about once a second. */
  sweep(): void;

  figures(): { readonly logs: number; readonly logBytes: number; readonly evictions: number };

  stop(): Promise<void>;
}

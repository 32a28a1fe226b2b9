// What a spool is for who appends to it and for who sends it. Types only.

import type { Once } from '@telltale/protocol';
import type { AgentLog } from '../collector.ts';
import type { Resumes } from './record.ts';
import type { SpoolFiles } from './spool-files.ts';

export interface SpoolOptions {
  /** Its own; made if it is not there. */
  readonly directory: string;
  /** Bytes on disk; over it the oldest that was not sent is dropped. Default 64 MiB. */
  readonly maxBytes?: number;
  readonly log: AgentLog;
  /** Asked on a full disk at the beginning and at the end: makes some room, or answers false. Default: nobody does. */
  readonly makeRoom?: () => boolean;
  /** Only for tests. */
  readonly files?: SpoolFiles;
  /** Milliseconds since the epoch. Only for tests. */
  readonly now?: () => number;
}

export interface AppendOptions {
  /** When it was taken, in milliseconds since the epoch. Default: now. */
  readonly at?: number;
  /** What to resume from, by a name of the caller's; it comes and goes with these items, whole. */
  readonly resumes?: Resumes;
}

/** A record on its way. The same object as long as it is in the window. */
export interface SpoolEntry {
  readonly channel: string;
  readonly at: number;
  /** Changes if the hub never takes them. */
  readonly items: readonly unknown[];
  /** Changes if it has to be numbered anew. */
  readonly once: Once;
  /** It has its answer, and is still here because one before it has none. */
  readonly isAnswered: boolean;
}

export interface Spool {
  readonly directory: string;
  /** Takes items for a channel. What is no JSON, or larger than a frame, is logged, and a gap stands in its place. */
  append(channel: string, items: readonly unknown[], options?: AppendOptions): void;
  /** The oldest records without an answer, at most 8: these alone may be sent. A new array after each change. */
  readonly window: readonly SpoolEntry[];
  /** The hub has it. */
  answered(entry: SpoolEntry): void;
  /**
   * The hub never takes it: a gap that says how much it was goes in its place. False: it was nothing but gaps, which it
   * takes as little, and so is left out.
   */
  refused(entry: SpoolEntry): boolean;
  /** The hub expects another number for the oldest unanswered record of this channel; 1: it remembers nothing. */
  renumber(channel: string, expected: number): void;
  /** Called after each append and each answer; the return value ends it. */
  onChange(listener: () => void): () => void;
  /** By the name it was given: what to resume from, as last appended. */
  resumeOf(name: string): unknown;
  /** Bytes without an answer. */
  readonly bytes: number;
  /** When the oldest record without an answer was taken. */
  readonly oldestAt: number | undefined;
  /** Items dropped since it was opened. */
  readonly dropped: number;
  /** Something of it is in memory alone: the disk did not take it. */
  readonly isInMemory: boolean;
  /** Leaves what is in it to the next who opens it. `lost`: the disk did not even take what was said last. */
  close(): 'kept' | 'lost';
  /** Closes it and removes its directory, with what is in it. */
  remove(): void;
}

export type OpenedSpool =
  | { readonly kind: 'open'; readonly spool: Spool }
  /** Another process has it. */
  | { readonly kind: 'owned'; readonly pid: number };

export type ReopenedSpool =
  | OpenedSpool
  /** The disk does not let it be opened now; what is in it stays for who tries later. */
  | { readonly kind: 'unusable'; readonly error: unknown };

// What a run says in its stream `runs/<run>`, and what a log file says in `logs/<agent>/<file>`: the shapes of their
// messages. Agents write these, the hub keeps them, pages show them; what they come to is run-state.ts.

/**
 * Why something is missing: the sender's spool was full, or its disk took no more; the hub refused it for good; it was no
 * JSON, or larger than a message may be; the spool was damaged on its disk; the log file was rotated away or
 * emptied unread.
 */
export const gapReasons = ['spool-full', 'disk-full', 'refused', 'too-large', 'spool-damaged', 'rotated'] as const;

export type GapReason = (typeof gapReasons)[number];

/** In the place of what a sender had to drop, or never had: how many lines or samples, and of when. */
export interface DroppedMessages {
  readonly type: 'gap';
  readonly at: number;
  readonly count: number;
  /** So many are known to be missing, and perhaps more: nobody could count them. Absent: exactly so many. */
  readonly orMore?: true;
  /** When the first and the last of them were taken, by the sender's clock. */
  readonly from: number;
  readonly to: number;
  readonly reason: GapReason;
}

/**
 * A line, or a part of one. A line longer than a message may be, and one whose end has not come yet, is split: every
 * piece has its number in `part`, from 0, and all but the last say `more`. Joined, the pieces are the line.
 */
export interface Line {
  readonly type: 'line';
  /** When it was read, in milliseconds since the epoch by the sender's clock. */
  readonly at: number;
  /** Without its line feed. Bytes that are no UTF-8 arrive as U+FFFD. */
  readonly text: string;
  readonly part?: number;
  readonly more?: true;
}

/** A message of `logs/<agent>/<file>`. */
export type LogMessage = Line | DroppedMessages;

export type AttributeValue = string | number | boolean | null;

export type RunOutcome = 'succeeded' | 'failed' | 'cancelled' | 'lost';

/** A message of `runs/<run>`. */
export type RunEvent =
  | {
      readonly type: 'started';
      readonly at: number;
      readonly name: string;
      /** As typed, for people. */
      readonly command?: string;
      /** Who started it: a login name of the machine, or what the program says. */
      readonly by?: string;
    }
  /** One line of output. `stream` absent: standard output. */
  | (Line & { readonly stream?: 'err'; readonly step?: string })
  /** A piece of a text that is written bit by bit, as a language model does; pieces of one `id` belong together. */
  | {
      readonly type: 'text';
      readonly at: number;
      readonly id: string;
      readonly text: string;
      readonly step?: string;
      readonly isLast?: true;
    }
  | {
      readonly type: 'step';
      readonly at: number;
      readonly id: string;
      readonly parent?: string;
      readonly name: string;
    }
  | {
      readonly type: 'step-ended';
      readonly at: number;
      readonly id: string;
      readonly outcome: Exclude<RunOutcome, 'lost'>;
      readonly error?: string;
    }
  /** `done` from 0 to 1; null: not known, or not any more. */
  | { readonly type: 'progress'; readonly at: number; readonly done: number | null; readonly note?: string }
  | {
      readonly type: 'attributes';
      readonly at: number;
      readonly set: Readonly<Record<string, AttributeValue>>;
      readonly step?: string;
    }
  | DroppedMessages
  /** The process has been told to end, because somebody pressed Cancel. */
  | { readonly type: 'cancelling'; readonly at: number; readonly by: string }
  | {
      readonly type: 'ended';
      readonly at: number;
      readonly outcome: RunOutcome;
      readonly exitCode?: number;
      readonly signal?: string;
      readonly error?: string;
      /** JSON of the result, where a program gave one. */
      readonly result?: unknown;
    };

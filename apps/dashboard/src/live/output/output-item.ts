// What of a channel's messages is output: lines, pieces of text, and what a sender had to drop. Pure. Steps and progress
// of a run stand in the same channel and have no row.

import type { DroppedMessages, RunEvent } from '@telltale/agent/run-events';

/** A line of a log file has neither `stream` nor `step`. */
type RunLine = Extract<RunEvent, { type: 'line' }>;
type TextPiece = Extract<RunEvent, { type: 'text' }>;

export type OutputData = RunLine | TextPiece | DroppedMessages;

export interface OutputItem {
  readonly offset: number;
  /** When the hub took it, by the hub's clock. */
  readonly time: number;
  readonly data: OutputData;
}

/** The message as output; undefined: it is none, or not in a shape that this page knows. Machines are not trusted. */
export function outputOf(data: unknown): OutputData | undefined {
  if (typeof data !== 'object' || data === null) return undefined;
  const { type, at, text, id, count, from, to } = data as Partial<Record<string, unknown>>;
  if (!isNumber(at)) return undefined;
  if (type === 'line' && typeof text === 'string') return data as RunLine;
  if (type === 'text' && typeof text === 'string' && typeof id === 'string') return data as TextPiece;
  if (type === 'gap' && isNumber(count) && isNumber(from) && isNumber(to)) return data as DroppedMessages;
  return undefined;
}

/** How many lines an item ends: numbers of lines are counted as the sender printed them, the dropped ones too. */
export function linesOf({ data }: OutputItem): number {
  if (data.type === 'line') return data.more === true ? 0 : 1;
  return data.type === 'gap' ? data.count : 0;
}

/** What an item weighs: 1, and more with a long text. */
export function weightOf({ data }: OutputItem): number {
  return 1 + (data.type === 'gap' ? 0 : Math.floor(data.text.length / 512));
}

const isNumber = (value: unknown): value is number => typeof value === 'number' && Number.isFinite(value);

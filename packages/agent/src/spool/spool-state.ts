// What a spool must not forget beside its records: which numbers the channels had at the beginning of the oldest segment,
// where the numbers were changed since, and up to which record everything is answered. The first is replaced whole and
// seldom; the last is overwritten in its place at each answer, which needs no room on a full disk.

import { join } from 'node:path';
import type { Once } from '@telltale/protocol';
import type { Lanes } from './numbering.ts';
import { replaceFile, writeAll, type SpoolFiles } from './spool-files.ts';

/** This record has another number than would follow, and those behind it go on from there: the hub asked for it. */
export interface Renumbered {
  readonly segment: number;
  readonly index: number;
  readonly once: Once;
}

export interface SpoolState {
  /** What tells its directory from a copy of it. */
  readonly directory: string;
  /** Of channels that have had no number yet. */
  readonly producer: string;
  /** The oldest segment that is needed. */
  readonly base: number;
  /** The numbers of the last records before it. */
  readonly lanes: Lanes;
  readonly renumbered: readonly Renumbered[];
}

/** So many records of this segment are answered, and all before it. */
export interface Watermark {
  readonly segment: number;
  readonly count: number;
  /** Where the last of them ends, in bytes: what becomes of the lines before it changes nothing. */
  readonly end: number;
}

const stateName = 'spool.json';
const watermarkName = 'answered';
const slotBytes = 64;

/** What was saved; undefined: nothing yet; `unreadable`: something, but not by us. */
export function readState(files: SpoolFiles, directory: string): SpoolState | 'unreadable' | undefined {
  let text: string;
  try {
    text = files.readFileSync(join(directory, stateName), 'utf8');
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ENOENT' ? undefined : 'unreadable';
  }
  try {
    const { version, directory: home, producer, base, lanes, renumbered } = JSON.parse(text) as Record<string, unknown>;
    if (version !== 1 || typeof producer !== 'string' || typeof base !== 'number') return 'unreadable';
    return {
      directory: String(home),
      producer,
      base,
      lanes: new Map(lanes as [string, Once][]),
      renumbered: renumbered as Renumbered[],
    };
  } catch {
    return 'unreadable';
  }
}

/** Throws what the disk throws; then the old state stands. */
export function writeState(files: SpoolFiles, directory: string, state: SpoolState): void {
  const text = JSON.stringify({ version: 1, ...state, lanes: [...state.lanes] });
  replaceFile(files, join(directory, stateName), `${text}\n`);
}

export interface WatermarkFile {
  readonly found: Watermark;
  write(watermark: Watermark): void;
  close(): void;
}

/**
 * Opens, and makes if need be, the file that says what is answered. It has two places, written to in turn, so that one
 * that was half-written leaves the other: the watermark before, behind which nothing more can have been sent. Throws
 * what the disk throws.
 */
export function openWatermark(files: SpoolFiles, directory: string): WatermarkFile {
  const path = join(directory, watermarkName);
  let text = '';
  try {
    text = files.readFileSync(path, 'utf8');
  } catch {
    // There is none yet.
  }
  const slots = [slotOf(text.slice(0, slotBytes)), slotOf(text.slice(slotBytes))].filter((slot) => slot !== undefined);
  const newest = slots.sort((one, other) => other.turn - one.turn)[0] ?? { turn: 0, segment: 0, count: 0, end: 0 };
  if (slots.length === 0 && text.length !== 2 * slotBytes) replaceFile(files, path, ' '.repeat(2 * slotBytes));
  const descriptor = files.openSync(path, 'r+');
  let { turn } = newest;
  return {
    found: newest,
    write(watermark) {
      writeAll(files, descriptor, Buffer.from(textOf({ ...watermark, turn: turn + 1 })), ((turn + 1) % 2) * slotBytes);
      turn++;
    },
    close: () => files.closeSync(descriptor),
  };
}

interface Slot extends Watermark {
  readonly turn: number;
}

function textOf({ turn, segment, count, end }: Slot): string {
  const text = `${turn} ${segment} ${count} ${end}`;
  return `${text} ${checkOf(text)}`.padEnd(slotBytes - 1).concat('\n');
}

/** Undefined: it was never written, or not to its end. */
function slotOf(line: string): Slot | undefined {
  const [, text = '', turn, segment, count, end, check] = /^((\d+) (\d+) (\d+) (\d+)) (\d+) *\n$/.exec(line) ?? [];
  if (Number(check) !== checkOf(text)) return undefined;
  return { turn: Number(turn), segment: Number(segment), count: Number(count), end: Number(end) };
}

/** Tells a text from one whose end is another's. */
function checkOf(text: string): number {
  let sum = 7;
  for (const byte of Buffer.from(text)) sum = (Math.imul(sum, 31) + byte) >>> 0;
  return sum;
}

// Makes a damaged segment whole again: what can be read of it stays, and gaps stand in the place of what cannot. How many
// records a damaged stretch held, and of which channels, nobody knows, so each channel of the spool has a gap, and what
// comes behind it is numbered anew. Pure.

import type { DroppedMessages } from '../run-events.ts';
import { decodeHeader, type DecodedRecord, decodeRecord, encodeRecords, type SpoolRecord } from './record.ts';

export interface Damaged {
  readonly bytes: Buffer;
  /** The end of the file is gone. */
  readonly isShort: boolean;
  /** Nothing follows: what has no line feed is perhaps only half-written. */
  readonly isLast: boolean;
  /** So many of its first records were handed on, up to this byte: nothing of them is missing, and their places stay. */
  readonly taken: Taken;
  /** The first line, where that is damaged. */
  readonly header: () => string;
  /** A producer that nobody has used. */
  readonly producer: string;
  /** All that it may have been of. */
  readonly channels: ReadonlySet<string>;
  readonly now: number;
}

export interface Taken {
  readonly count: number;
  readonly end: number;
}

export interface Repaired {
  readonly text: string;
  /** The record from which on they are numbered anew. */
  readonly index: number;
}

interface Line {
  readonly text: string;
  /** Undefined: it cannot be read. */
  readonly record: DecodedRecord | undefined;
}

/** Has a place and nothing to send. */
const filler = textOf({ channel: '', at: 0, items: [] });

export function repairSegment(damaged: Damaged): Repaired {
  const { bytes, isShort, isLast, taken, header, producer, channels, now } = damaged;
  const before = linesOf(bytes.subarray(0, taken.end));
  const behind = linesOf(bytes.subarray(taken.end));
  const first = (taken.end > 0 ? before : behind).shift()?.text ?? '';
  const tail = behind.pop()?.text ?? '';
  if (tail !== '' && !isLast) behind.push({ text: tail, record: decodeRecord(tail) });
  const isBegun = decodeHeader(first) !== undefined;

  const kept = before.filter(({ record }) => record !== undefined);
  const fillers = filler.repeat(Math.max(0, taken.count - kept.length));
  const begun = `${isBegun ? `${first}\n` : header()}${kept.map(({ text }) => `${text}\n`).join('')}${fillers}`;

  const mended = mend(behind, {
    gaps: (from, to) => {
      const gap: DroppedMessages = { type: 'gap', at: now, count: 0, orMore: true, from, to, reason: 'spool-damaged' };
      return [...channels].map((channel) => ({ channel, at: now, items: [gap] }));
    },
    anew: { channel: '', at: now, items: [], producer },
    // Where the numbers of what was handed on cannot be counted any more, none that follows from them is known.
    isAnew: kept.length !== taken.count,
    // Without the first line, what stood behind it may be gone with it.
    isDoubtful: !isBegun && taken.end === 0,
    isShort,
    lastAt: kept.at(-1)?.record?.at,
    now,
  });
  return {
    text: `${padded(begun, taken.end)}${mended.text}${isLast ? tail : ''}`,
    index: Math.max(taken.count, kept.length) + mended.numbered,
  };
}

interface Mending {
  readonly gaps: (from: number, to: number) => readonly SpoolRecord[];
  readonly anew: SpoolRecord;
  readonly isAnew: boolean;
  readonly isDoubtful: boolean;
  readonly isShort: boolean;
  readonly lastAt: number | undefined;
  readonly now: number;
}

/** What was not handed on yet, with gaps; so many of its first records keep their numbers. */
function mend(
  lines: readonly Line[],
  { gaps, anew, isShort, now, ...begun }: Mending,
): { readonly text: string; readonly numbered: number } {
  let { isAnew, isDoubtful, lastAt } = begun;
  let text = isAnew ? textOf(anew) : '';
  let numbered = 0;
  const tell = (at: number): void => {
    if (!isDoubtful) return;
    // What was sent of this without an answer could otherwise get the number of another.
    if (!isAnew) text += textOf(anew);
    isAnew = true;
    isDoubtful = false;
    for (const gap of gaps(Math.min(lastAt ?? at, at), at)) text += textOf(gap);
  };
  for (const line of lines) {
    if (line.record === undefined) {
      isDoubtful = true;
      continue;
    }
    tell(line.record.at);
    text += `${line.text}\n`;
    if (!isAnew) numbered++;
    lastAt = line.record.at;
  }
  isDoubtful ||= isShort;
  tell(now);
  return { text, numbered };
}

/** The last one is what stands behind the last line feed. */
function linesOf(bytes: Buffer): Line[] {
  const texts = bytes.toString().split('\n');
  return texts.map((text) => ({ text, record: decodeRecord(text) }));
}

/** As long as it was: the byte up to which it was handed on is written down elsewhere. */
function padded(text: string, length: number): string {
  const lack = length - Buffer.byteLength(text);
  return lack > 0 ? `${text.slice(0, -1)}${' '.repeat(lack)}\n` : text;
}

function textOf(record: SpoolRecord): string {
  return encodeRecords([record]).toString();
}

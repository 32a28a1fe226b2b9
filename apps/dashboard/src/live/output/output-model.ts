// The output of one channel as rows: what is held, folded, with a row wherever something is missing. Pure: knows no
// socket, clock or frame. However live messages, pages of history and filled holes come together, the rows are the same.

import type { OutputRow } from '../../ui/output/rows.ts';
import { createFold, type Fold } from './fold.ts';
import { createHeld, type Held, type LineCount, type Stretch } from './held.ts';
import { outputOf, type OutputItem } from './output-item.ts';
import { anewRow, goneRow, olderRow, skippedRow } from './output-words.ts';
import type { Reader } from './trim.ts';

export interface OutputMessage {
  readonly offset: number;
  readonly time: number;
  readonly data: unknown;
}

/** Offsets that are missing, both inclusive, and can be fetched. */
export interface Hole {
  readonly epoch: string;
  readonly from: number;
  readonly to: number;
}

export interface OutputModel {
  /** Oldest first; changed in place, and only by `settle`. */
  readonly rows: readonly OutputRow[];
  /** Places between rows where something is missing. */
  readonly gaps: number;
  /** Number of the newest whole line; undefined: not known. */
  readonly lines: number | undefined;
  readonly newest: OutputItem | undefined;
  /** What is before the first row: nothing, what can be fetched (the hole `older`), or what nobody keeps any more. */
  readonly older: 'none' | 'kept' | 'gone';
  /** Takes messages of one life of the log, by offset, each perhaps for the second time. */
  take(epoch: string, messages: readonly OutputMessage[]): void;
  count(known: LineCount): void;
  /** Up to this offset the hub has nothing any more. */
  gone(epoch: string, offset: number): void;
  hole(key: string): Hole | undefined;
  /** Undefined: nobody fetches it. */
  setHole(hole: Hole, state: HoleState | undefined): void;
  toggleFold(key: string): void;
  /** Brings `rows` up to date and lets go what is too much. */
  settle(reader?: Reader): void;
  /** Where the row with this key stands; undefined: it is no row of output. */
  placeOf(key: string): Reader | undefined;
}

/** How it goes with fetching a hole, or what is left of it. */
export type HoleState = { readonly kind: 'opening' } | { readonly kind: 'failed'; readonly why: string };

/** Items held, long ones weigh more. */
export const mostHeld = 50_000;

export function createOutputModel(most: number = mostHeld): OutputModel {
  const held: Held = createHeld();
  const unfolded = new Set<string>();
  let states: readonly { readonly hole: Hole; readonly state: HoleState }[] = [];
  const horizons = new Map<string, number>();
  let holes = new Map<string, Hole>();
  let older: OutputModel['older'] = 'none';
  let fold: Fold = createFold(unfolded);
  /** Items behind the last one that was folded, and before the first. */
  let newer: OutputItem[] = [];
  let earlier: OutputItem[] = [];
  /** Only folding all of it anew brings the rows up to date. */
  let isStale = false;

  const stateOf = ({ epoch, from, to }: Hole): HoleState | undefined =>
    states.find(({ hole }) => hole.epoch === epoch && hole.from <= from && to <= hole.to)?.state;

  /** The rows before a stretch: what is missing there, and whether it can be fetched. */
  const between = (before: Stretch | undefined, stretch: Stretch): readonly OutputRow[] => {
    const { epoch, from, items, linesBefore } = stretch;
    const isNewLife = before !== undefined && before.epoch !== epoch;
    const anew = isNewLife ? [anewRow(`${epoch}anew`, items[0]?.time ?? 0)] : [];
    const first = before === undefined || isNewLife ? 1 : before.to + 1;
    if (from <= first) return anew;
    const hole: Hole = { epoch, from: first, to: from - 1 };
    const isKept = held.stretches.at(-1)?.epoch === epoch && (horizons.get(epoch) ?? 0) < hole.to;
    if (before === undefined) {
      older = isKept ? 'kept' : 'gone';
      if (!isKept) return [goneRow('older', 'older', linesBefore)];
      holes.set('older', hole);
      return [olderRow('older', linesBefore, stateOf(hole))];
    }
    const linesAt = isNewLife ? 0 : fold.lines;
    const lines = linesBefore !== undefined && linesAt !== undefined ? linesBefore - linesAt : undefined;
    const key = `${epoch}hole${first}`;
    if (!isKept) return [...anew, goneRow(key, 'between', lines)];
    holes.set(key, hole);
    return [...anew, skippedRow(key, { messages: from - first, lines, state: stateOf(hole) })];
  };

  const refold = (): void => {
    holes = new Map();
    older = 'none';
    fold = createFold(unfolded);
    let before: Stretch | undefined;
    for (const stretch of held.stretches) {
      fold.breakOff(`${stretch.epoch}:`, stretch.linesBefore, between(before, stretch));
      for (const item of stretch.items) fold.add(item);
      before = stretch;
    }
    newer = [];
    earlier = [];
    isStale = false;
  };

  /** The rows at the top, now that the first stretch begins elsewhere. */
  const topOf = (first: Stretch): readonly OutputRow[] => {
    holes.delete('older');
    older = 'none';
    return between(undefined, first);
  };
  const foldEarlier = (first: Stretch): boolean => {
    const part = createFold(unfolded);
    part.breakOff(`${first.epoch}:`, first.linesBefore, topOf(first));
    for (const item of earlier) part.add(item);
    earlier = [];
    return fold.prepend(part, fold.rows[0]?.key === 'older' ? 1 : 0);
  };

  const add = (epoch: string, messages: readonly OutputMessage[]): void => {
    const [first] = messages;
    const last = messages.at(-1);
    if (first === undefined || last === undefined) return;
    const tail = held.stretches.at(-1)?.to ?? 0;
    const items = messages.flatMap(({ offset, time, data }): OutputItem[] => {
      const output = outputOf(data);
      return output === undefined ? [] : [{ offset, time, data: output }];
    });
    const became = held.add(epoch, first.offset, last.offset, items);
    if (became === 'changed') isStale = true;
    else if (became === 'prepended') earlier.unshift(...items);
    else if (became === 'appended') newer.push(...items.filter(({ offset }) => offset > tail));
  };

  return {
    get rows() {
      return fold.rows;
    },
    get gaps() {
      return fold.gaps + holes.size - (older === 'kept' ? 1 : 0);
    },
    get lines() {
      return fold.lines;
    },
    get newest() {
      return held.stretches.at(-1)?.items.at(-1);
    },
    get older() {
      return older;
    },
    take(epoch, messages) {
      // A break in the offsets is a hole: each run of them is a stretch of its own.
      let start = 0;
      for (let index = 1; index <= messages.length; index += 1) {
        if (messages[index]?.offset === (messages[index - 1]?.offset ?? 0) + 1) continue;
        add(epoch, messages.slice(start, index));
        start = index;
      }
    },
    count(known) {
      if (held.count(known)) isStale = true;
    },
    gone(epoch, offset) {
      horizons.set(epoch, Math.max(offset, horizons.get(epoch) ?? 0));
      isStale = true;
    },
    hole: (key) => holes.get(key),
    setHole(hole, state) {
      const isApart = (other: Hole): boolean =>
        other.epoch !== hole.epoch || other.to < hole.from || other.from > hole.to;
      states = [...states.filter((known) => isApart(known.hole)), ...(state === undefined ? [] : [{ hole, state }])];
      isStale = true;
    },
    toggleFold(key) {
      if (!unfolded.delete(key)) unfolded.add(key);
      isStale = true;
    },
    settle(reader) {
      const trimmed = held.trim(most, reader);
      const [first] = held.stretches;
      if (first === undefined) return;
      if (trimmed === 'changed') isStale = true;
      if (!isStale && earlier.length > 0) isStale = !foldEarlier(first);
      if (isStale) return refold();
      for (const item of newer) fold.add(item);
      newer = [];
      if (trimmed === 'oldest' && !fold.dropOldest(first.from - 1, topOf(first))) refold();
    },
    placeOf(key) {
      const [, epoch, offset] = /^([a-z0-9]+):(\d+)/.exec(key) ?? [];
      return epoch === undefined ? undefined : { epoch, offset: Number(offset) };
    },
  };
}

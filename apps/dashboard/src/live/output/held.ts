// What a page holds of one log: stretches of offsets without a hole, in order, whatever came first, last or twice. Pure.
// Between two stretches something is missing; before the first one there may be more. Bounded by `trim`.

import { linesOf, weightOf, type OutputItem } from './output-item.ts';
import { nextCut, type Reader } from './trim.ts';

/** Everything from one offset to another of one life of the log. */
export interface Stretch {
  readonly epoch: string;
  /** Inclusive. Not each offset has an item: what is no output has none. */
  readonly from: number;
  readonly to: number;
  /** Grows in place at its end; any other change makes a new array. */
  readonly items: OutputItem[];
  /** How many lines stand before it; undefined: nobody has said so far. */
  readonly linesBefore: number | undefined;
}

/** What a snapshot says: so many lines end at or before an offset. */
export interface LineCount {
  readonly epoch: string;
  readonly offset: number;
  readonly lines: number;
}

/** Counts that fit to no stretch yet: the newest few. */
const mostCounts = 8;

/** What became of items: nothing was new; all of it stands right behind, or right before, what was held; or else. */
export type Added = 'nothing' | 'appended' | 'prepended' | 'changed';

/** What was let go: nothing, only the oldest of the first stretch, or else. */
export type Trimmed = 'nothing' | 'oldest' | 'changed';

export interface Held {
  /** Lives of the log in the order in which they came; the stretches of one life by offset. */
  readonly stretches: readonly Stretch[];
  add(epoch: string, from: number, to: number, items: readonly OutputItem[]): Added;
  /** Answers whether numbers of lines became known by it. */
  count(known: LineCount): boolean;
  /** Drops items until they weigh no more than `most`, far from who reads. */
  trim(most: number, reader: Reader | undefined): Trimmed;
}

export function createHeld(): Held {
  let stretches: readonly Stretch[] = [];
  let counts: readonly LineCount[] = [];
  let weight = 0;

  const numbered = (stretch: Stretch): Stretch => {
    if (stretch.linesBefore !== undefined) return stretch;
    if (stretch.from <= 1) return { ...stretch, linesBefore: 0 };
    const known = counts.find(
      ({ epoch, offset }) => epoch === stretch.epoch && offset >= stretch.from - 1 && offset <= stretch.to,
    );
    if (known === undefined) return stretch;
    return { ...stretch, linesBefore: known.lines - linesUpTo(stretch.items, known.offset) };
  };
  const replace = (index: number, length: number, ...by: readonly Stretch[]): void => {
    stretches = stretches.toSpliced(index, length, ...by.map(numbered));
    weight = stretches.reduce((sum, { items }) => sum + weighing(items), 0);
  };

  const append = (last: Stretch, to: number, items: readonly OutputItem[]): Added => {
    for (const item of items) last.items.push(item);
    weight += weighing(items);
    const longer = numbered({ ...last, to });
    stretches = stretches.with(stretches.length - 1, longer);
    return longer.linesBefore === last.linesBefore ? 'appended' : 'changed';
  };
  const insert = (stretch: Stretch): Added => {
    const after = stretches.findIndex(({ epoch, from }) => epoch === stretch.epoch && from > stretch.from);
    const before = stretches.findLastIndex(({ epoch }) => epoch === stretch.epoch);
    replace(after >= 0 ? after : before >= 0 ? before + 1 : stretches.length, 0, stretch);
    return 'changed';
  };
  const prepend = (first: Stretch, added: Stretch): Added => {
    const linesBefore =
      first.linesBefore === undefined ? undefined : first.linesBefore - linesUpTo(added.items, added.to);
    replace(0, 1, { ...first, from: added.from, items: [...added.items, ...first.items], linesBefore });
    return stretches[0]?.linesBefore === linesBefore ? 'prepended' : 'changed';
  };
  const merge = (near: readonly Stretch[], added: Stretch): Added => {
    const first = near[0] as Stretch;
    const isNew = ({ offset }: OutputItem): boolean => !near.some(({ from, to }) => from <= offset && offset <= to);
    const items = [...near.flatMap((stretch) => stretch.items), ...added.items.filter(isNew)];
    items.sort((one, other) => one.offset - other.offset);
    const known = near.find(({ linesBefore }) => linesBefore !== undefined);
    replace(stretches.indexOf(first), near.length, {
      epoch: first.epoch,
      from: Math.min(first.from, added.from),
      to: Math.max((near.at(-1) as Stretch).to, added.to),
      items,
      linesBefore: known?.linesBefore === undefined ? undefined : known.linesBefore - linesUpTo(items, known.from - 1),
    });
    return 'changed';
  };

  const cut = (index: number, start: number, end: number): void => {
    const stretch = stretches[index] as Stretch;
    const { epoch, items, linesBefore } = stretch;
    const first = items[start] as OutputItem;
    const last = items[end - 1] as OutputItem;
    const linesAt = linesBefore === undefined ? undefined : linesBefore + linesUpTo(items, last.offset);
    const head = start === 0 ? [] : [{ ...stretch, to: first.offset - 1, items: items.slice(0, start) }];
    const tail =
      end === items.length
        ? []
        : [{ ...stretch, from: last.offset + 1, items: items.slice(end), linesBefore: linesAt }];
    // What is fetched again later has its numbers by this.
    if (linesAt !== undefined) counts = [...counts, { epoch, offset: last.offset, lines: linesAt }].slice(-mostCounts);
    replace(index, 1, ...head, ...tail);
  };

  return {
    get stretches() {
      return stretches;
    },
    add(epoch, from, to, items) {
      const last = stretches.at(-1);
      if (last?.epoch === epoch && from >= last.from && from <= last.to + 1) {
        if (to <= last.to) return 'nothing';
        return append(last, to, from > last.to ? items : items.filter(({ offset }) => offset > last.to));
      }
      const near = stretches.filter((held) => held.epoch === epoch && held.to >= from - 1 && held.from <= to + 1);
      if (near.length === 1 && near[0] !== undefined && near[0].from <= from && near[0].to >= to) return 'nothing';
      const added: Stretch = { epoch, from, to, items: [...items], linesBefore: undefined };
      if (near.length === 0) return insert(added);
      const [first] = near;
      if (first !== undefined && first === stretches[0] && near.length === 1 && to < first.from) {
        return prepend(first, added);
      }
      return merge(near, added);
    },
    count(known) {
      counts = [...counts, known].slice(-mostCounts);
      const before = stretches;
      stretches = stretches.map(numbered);
      return stretches.some((stretch, index) => stretch !== before[index]);
    },
    trim(most, reader) {
      let became: Trimmed = 'nothing' as Trimmed;
      if (weight <= most) return became;
      for (;;) {
        const next = nextCut(stretches, weight, most, reader);
        if (next === undefined) return became;
        const isPart = next.index === 0 && next.start === 0 && next.end < (stretches[0]?.items.length ?? 0);
        became = isPart && became !== 'changed' ? 'oldest' : 'changed';
        cut(next.index, next.start, next.end);
      }
    },
  };
}

/** Items stand by offset: how many lines those up to an offset, inclusive, end. */
export function linesUpTo(items: readonly OutputItem[], offset: number): number {
  let lines = 0;
  for (const item of items) {
    if (item.offset > offset) break;
    lines += linesOf(item);
  }
  return lines;
}

function weighing(items: readonly OutputItem[]): number {
  return items.reduce((sum, item) => sum + weightOf(item), 0);
}

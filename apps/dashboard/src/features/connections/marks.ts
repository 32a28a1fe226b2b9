// When the rows of a group happened, for the small drawing in its line. Pure. A row knows when it came first and last
// and how often, so it is a stroke from one to the other: nothing is drawn that nobody has told.

import type { AttemptRates } from '@telltale/hub/api';
import type { Happening } from './happenings.ts';
import type { BarSpan } from './rates-model.ts';

export interface Mark {
  /** 0 to 1 of the width. */
  readonly from: number;
  readonly to: number;
}

/** As many strokes as can be told apart; rows that touch are one. */
export function marksOf(rows: readonly Happening[], { from, to }: BarSpan): readonly Mark[] {
  const share = (at: number): number => Math.min(1, Math.max(0, (at - from) / Math.max(1, to - from)));
  const sorted = rows
    .filter(({ last }) => last >= from)
    .map(({ first, last }) => ({ from: share(first), to: share(last) }))
    .sort((one, other) => one.from - other.from);
  const marks: { from: number; to: number }[] = [];
  for (const mark of sorted) {
    const before = marks.at(-1);
    if (before !== undefined && mark.from - before.to < 0.01) before.to = Math.max(before.to, mark.to);
    else marks.push(mark);
  }
  return marks;
}

/** How often a name was refused in each `stepMs` of a span, for a curve. */
export function curveOf(
  rates: readonly AttemptRates[],
  name: string,
  { from, to }: BarSpan,
  stepMs: number,
): readonly { readonly at: number; readonly value: number }[] {
  const steps = Math.ceil((to - from) / stepMs);
  const points = Array.from({ length: steps }, (_, index) => ({ at: from + (index + 1) * stepMs, value: 0 }));
  for (const { at, refused } of rates) {
    const point = points[Math.floor((at - from) / stepMs)];
    if (point !== undefined && Object.hasOwn(refused, name)) point.value += refused[name] ?? 0;
  }
  return points;
}

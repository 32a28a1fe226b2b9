// The bars of the attempts as a message carries them: as lines, with what was not known left out. Pure.

import type { ChartPicture } from '@telltale/hub/api';
import type { StackedBar } from '../../ui/bars/bars.tsx';
import type { ChartHole, ChartSpan } from '../../ui/chart/chart-columns.ts';
import { pictureOf } from '../machine/chart-picture.ts';

/** Undefined: no bar is full yet. The last one still grows, and would look like a fall for ever. */
export function attemptsPicture({
  bars,
  everyMs,
  names,
  top,
  holes,
}: {
  readonly bars: readonly StackedBar[];
  readonly everyMs: number;
  readonly names: { readonly low: string; readonly high: string };
  readonly top: number;
  readonly holes: readonly ChartHole[];
}): (ChartSpan & { readonly picture: ChartPicture }) | undefined {
  const full = bars.slice(0, -1);
  const [from, to] = [full[0]?.at, bars.at(-1)?.at];
  if (from === undefined || to === undefined) return undefined;
  const within = holes.filter((hole) => hole.to > from && hole.from < to);
  const known = (at: number, count: number): number | null =>
    within.some((hole) => hole.to > at && hole.from < at + everyMs) ? null : count;
  const step = `per ${everyMs / 1_000} s`;
  const lines = [
    { name: `${names.low} ${step}`, values: full.map(({ at, low }) => known(at, low)) },
    { name: names.high, values: full.map(({ at, high }) => known(at, high)) },
  ];
  const picture = pictureOf({ times: full.map(({ at }) => at), lines, unit: '', top }, within);
  return picture === undefined ? undefined : { from, to, picture };
}

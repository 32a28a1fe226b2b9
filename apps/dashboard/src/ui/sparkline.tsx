// A small curve without axes: values over time, holes hatched, its end a dot, fluttering or hanging. Decorative: the
// reading beside it says the number.

import { useId, useMemo, type ReactElement } from 'react';
import { useWidth } from './use-width.ts';
import styles from './sparkline.module.css';

interface Curve {
  readonly points: readonly { readonly at: number; readonly value: number }[];
  /** Stretches without data; no line crosses them. */
  readonly holes: readonly { readonly from: number; readonly to: number }[];
  /** The right edge, in the time of the points. */
  readonly now: number;
  readonly spanMs: number;
  readonly end: 'live' | 'late' | 'stale';
}

interface Size {
  readonly width: number;
  readonly height: number;
}

/** As wide as the place it stands in. */
export function Sparkline(curve: Curve): ReactElement {
  const [box, width] = useWidth();
  return (
    <div className={styles.spark} ref={box} aria-hidden="true">
      {width === 0 ? null : <Spark {...curve} width={width} height={26} />}
    </div>
  );
}

/** Of one size, in CSS pixels: in the rows of a table. */
export function Spark({ points, holes, now, spanMs, end, width, height }: Curve & Size): ReactElement {
  const pattern = useId();
  const drawing = useMemo(
    () => draw({ points, holes, now, spanMs, end }, { width, height }),
    [points, holes, now, spanMs, end, width, height],
  );
  return (
    <svg className={styles.curve} width={width} height={height} aria-hidden="true">
      {drawing.holes.length === 0 ? null : (
        <defs>
          <pattern id={pattern} width="5" height="5" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">
            <rect width="5" height="5" fill="var(--gap-tint)" />
            <line x1="0" x2="0" y1="0" y2="5" stroke="var(--gap-mark)" strokeWidth="1.3" opacity=".6" />
          </pattern>
        </defs>
      )}
      {drawing.holes.map(({ left, right }) => (
        <g key={left}>
          <rect x={left} y="0" width={Math.max(1, right - left)} height={height} fill={`url(#${pattern})`} />
          <path d={`M${left} 0V${height}M${right} 0V${height}`} stroke="var(--gap-mark)" />
        </g>
      ))}
      <path d={drawing.line} fill="none" stroke={end === 'stale' ? 'var(--stale-mark)' : 'var(--ink-2)'} />
      {drawing.tail === undefined ? null : (
        <path d={drawing.tail} className={styles.tail} fill="none" stroke={`var(--${end}-mark)`} />
      )}
      {drawing.last === undefined ? null : (
        <circle
          cx={drawing.last[0]}
          cy={drawing.last[1]}
          r="2"
          fill={end === 'live' ? 'var(--ink)' : `var(--${end}-mark)`}
        />
      )}
    </svg>
  );
}

interface Drawing {
  readonly line: string;
  readonly tail: string | undefined;
  readonly last: readonly [number, number] | undefined;
  readonly holes: readonly { readonly left: number; readonly right: number }[];
}

/** Paths for one size; exported for its test. */
export function draw({ points, holes, now, spanMs, end }: Curve, { width, height }: Size): Drawing {
  const from = now - spanMs;
  const right = width - 4;
  const shown = points.filter(({ at }) => at >= from);
  const values = shown.map(({ value }) => value);
  const low = Math.min(...values);
  const high = Math.max(...values);
  // A quiet curve is drawn quiet: noise of a hundredth is not stretched to the full height.
  const room = Math.max(high - low, Math.abs(high) * 0.08, 1e-6);
  const middle = (high + low) / 2;
  const x = (at: number): number => round(1 + ((at - from) / spanMs) * (right - 1));
  const y = (value: number): number => round(height / 2 - ((value - middle) / room) * (height - 7));
  let line = '';
  let before: number | undefined;
  for (const { at, value } of shown) {
    const cut = before === undefined || holes.some((hole) => hole.from >= (before as number) && hole.to <= at);
    line += `${cut ? 'M' : 'L'}${x(at)} ${y(value)}`;
    before = at;
  }
  const newest = shown.at(-1);
  const last = newest === undefined ? undefined : ([x(newest.at), y(newest.value)] as const);
  const tails = { live: undefined, late: 'c1.5 -3.5 3.5 -3.5 5 0s3.5 3.5 5 0', stale: 'c6 .5 8 3 8.5 9' };
  const tail = last === undefined ? undefined : tails[end];
  return {
    line,
    tail: tail === undefined || last === undefined ? undefined : `M${Math.min(last[0], width - 11)} ${last[1]}${tail}`,
    last,
    holes: holes
      .filter((hole) => hole.to > from)
      .map((hole) => ({ left: Math.max(0, x(hole.from)), right: Math.min(right, x(hole.to)) })),
  };
}

const round = (value: number): number => Math.round(value * 10) / 10;

// The picture of stacked bars: grid and ticks, hatched holes, bars, brackets with their words, the crosshair. Decorative:
// summary, table and the words of a bar say the same.

import { useId, useMemo, type ReactElement } from 'react';
import { clock, clockMinute } from '../../words/time.ts';
import { grouped } from '../../words/units.ts';
import {
  barsHeight,
  barsPlace,
  heightOf,
  labelPlace,
  textWidth,
  timeTicks,
  xOf,
  type BarsPlace,
} from './bars-layout.ts';
import type { BarsProps } from './bars.tsx';
import styles from './bars.module.css';

export function BarsDrawing(
  props: Pick<BarsProps, 'bars' | 'span' | 'top' | 'holes' | 'brackets' | 'isStale'> & {
    readonly width: number;
    readonly pointed: number | undefined;
  },
): ReactElement {
  const { bars, span, top, brackets, holes, isStale, width, pointed } = props;
  const place = useMemo(() => barsPlace(width), [width]);
  const at = pointed === undefined ? undefined : bars[pointed];
  const step = (place.right - place.left) / Math.max(1, bars.length);
  return (
    <svg
      className={styles.drawing}
      width={width}
      height={barsHeight}
      viewBox={`0 0 ${width} ${barsHeight}`}
      data-stale={isStale}
      aria-hidden="true"
    >
      <Axes place={place} span={span} top={top} />
      <Holes place={place} span={span} holes={holes} />
      <Stacks place={place} bars={bars} top={top} />
      {brackets.map((bracket) => (
        <BracketDrawing key={bracket.from} place={place} span={span} {...bracket} />
      ))}
      {at === undefined || pointed === undefined ? null : (
        <Crosshair x={place.left + (pointed + 0.5) * step} place={place} text={clock(at.at)} />
      )}
    </svg>
  );
}

function Axes({ place, span, top }: { readonly place: BarsPlace } & Pick<BarsProps, 'span' | 'top'>): ReactElement {
  return (
    <g>
      {[0, top / 2, top].map((value) => {
        const y = Math.round(place.foot - (value / top) * (place.foot - place.top)) + 0.5;
        return (
          <g key={value}>
            <line className={styles.grid} x1={place.left} x2={place.right} y1={y} y2={y} />
            <text x={place.left - 7} y={y + 4} textAnchor="end">
              {grouped(value)}
            </text>
          </g>
        );
      })}
      {timeTicks(place, span).map((at) => (
        <text key={at} x={xOf(place, span, at)} y={place.foot + 15} textAnchor="middle">
          {clockMinute(at)}
        </text>
      ))}
    </g>
  );
}

function Stacks({ place, bars, top }: { readonly place: BarsPlace } & Pick<BarsProps, 'bars' | 'top'>): ReactElement {
  const stacks = useMemo(() => {
    const step = (place.right - place.left) / Math.max(1, bars.length);
    const width = Math.max(1, step - 2);
    return bars.flatMap(({ at, low, high }, index) => {
      if (low + high === 0) return [];
      const x = place.left + index * step + 1;
      const lowHeight = heightOf(place, low, top);
      const highHeight = heightOf(place, high, top);
      const gap = low > 0 && high > 0 ? 1 : 0;
      return [
        <g key={at}>
          {low === 0 ? null : (
            <rect className={styles.low} x={x} y={place.foot - lowHeight} width={width} height={lowHeight} />
          )}
          {high === 0 ? null : (
            <rect
              className={styles.high}
              x={x}
              y={place.foot - lowHeight - gap - highHeight}
              width={width}
              height={highHeight}
            />
          )}
        </g>,
      ];
    });
  }, [place, bars, top]);
  return <g>{stacks}</g>;
}

function Holes({
  place,
  span,
  holes,
}: { readonly place: BarsPlace } & Pick<BarsProps, 'span' | 'holes'>): ReactElement | null {
  const pattern = useId();
  if (holes.length === 0) return null;
  return (
    <g>
      <defs>
        <pattern id={pattern} width="6" height="6" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">
          <rect className={styles.holeGround} width="6" height="6" />
          <line className={styles.holeLine} x1="0" x2="0" y1="0" y2="6" />
        </pattern>
      </defs>
      {holes.map((hole) => {
        const left = Math.max(place.left, xOf(place, span, hole.from));
        const right = Math.min(place.right, xOf(place, span, hole.to));
        if (right - left < 1) return null;
        const width = textWidth(hole.reason) + 14;
        const isRoomy = right - left >= width;
        const middle = (left + right) / 2;
        return (
          <g key={hole.from}>
            <rect
              x={left}
              y={place.top}
              width={right - left}
              height={place.foot - place.top}
              fill={`url(#${pattern})`}
            />
            {isRoomy ? (
              <>
                <rect
                  className={styles.holeLabel}
                  x={middle - width / 2}
                  y={place.top + 4}
                  width={width}
                  height={18}
                  rx={2}
                />
                <text className={styles.holeText} x={middle} y={place.top + 17} textAnchor="middle">
                  {hole.reason}
                </text>
              </>
            ) : null}
          </g>
        );
      })}
    </g>
  );
}

function BracketDrawing({
  place,
  span,
  from,
  to,
  text,
}: {
  readonly place: BarsPlace;
  readonly span: BarsProps['span'];
  readonly from: number;
  readonly to: number;
  readonly text: string;
}): ReactElement | null {
  const left = Math.max(place.left, xOf(place, span, from));
  const right = Math.min(place.right, Math.max(xOf(place, span, to), left + 4));
  if (right <= left) return null;
  const label = labelPlace(place, { left, right }, text);
  const y = label.anchor === 'middle' ? 15 : 11;
  return (
    <g>
      <path className={styles.bracket} d={`M${left} ${y + 4.5}v-4H${right}v4`} />
      <text
        className={styles.bracketText}
        x={label.x}
        y={label.anchor === 'middle' ? 10 : 15}
        textAnchor={label.anchor}
      >
        {text}
      </text>
    </g>
  );
}

function Crosshair({
  x,
  place,
  text,
}: {
  readonly x: number;
  readonly place: BarsPlace;
  readonly text: string;
}): ReactElement {
  const tab = Math.max(place.left + 26, Math.min(place.right - 26, x));
  return (
    <g>
      <line className={styles.crosshair} x1={x} x2={x} y1={place.top} y2={place.foot} />
      <rect className={styles.tab} x={tab - 27} y={place.foot + 3} width="54" height="16" rx="2" />
      <text className={styles.tabText} x={tab} y={place.foot + 15} textAnchor="middle">
        {text}
      </text>
    </g>
  );
}

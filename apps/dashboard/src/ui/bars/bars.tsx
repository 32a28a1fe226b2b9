// Counts over time as stacked bars: a panel's figure with a crosshair that answers to pointer and keys, brackets over
// stretches that are named, a summary in words and the same numbers as a table. Knows no domain.

import { useId, useState, type KeyboardEvent, type ReactElement, type ReactNode } from 'react';
import { grouped } from '../../words/units.ts';
import { Button } from '../button.tsx';
import type { ChartHole, ChartSpan } from '../chart/chart-columns.ts';
import { ChartTable } from '../chart/chart-table.tsx';
import { Icon } from '../icon.tsx';
import { Panel } from '../panel.tsx';
import { useWidth } from '../use-width.ts';
import { barAt, barsPlace } from './bars-layout.ts';
import { BarsDrawing } from './bars-drawing.tsx';
import styles from './bars.module.css';

export interface StackedBar {
  readonly at: number;
  /** Stands on the axis. */
  readonly low: number;
  /** Stands on the low one, in another colour, with a gap between. */
  readonly high: number;
}

export interface Bracket {
  readonly from: number;
  readonly to: number;
  readonly text: string;
}

export interface BarsProps {
  readonly title: string;
  readonly note: string;
  readonly names: { readonly low: string; readonly high: string };
  readonly bars: readonly StackedBar[];
  readonly span: ChartSpan;
  /** Where the axis ends. */
  readonly top: number;
  readonly holes: readonly ChartHole[];
  readonly brackets: readonly Bracket[];
  /** The whole in words. */
  readonly summary: string;
  /** One bar in words, for who points at it. */
  readonly wordsOf: (index: number) => string;
  readonly isStale: boolean;
  /** Shows what is drawn now to others. */
  readonly onShare?: (() => void) | undefined;
  /** Under the plot. */
  readonly children?: ReactNode;
}

export function Bars(props: BarsProps): ReactElement {
  const { title, note, names, bars, holes, summary, wordsOf, isStale, onShare, children } = props;
  const [box, width] = useWidth();
  const [pointed, setPointed] = useState<number>();
  const [isTable, setTable] = useState(false);
  const summaryId = useId();
  const index = pointed === undefined ? undefined : bars.findIndex(({ at }) => at === pointed);
  const at = index === undefined || index < 0 ? undefined : index;
  const point = (next: number | undefined): void => setPointed(next === undefined ? undefined : bars[next]?.at);

  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.key === 'Escape' && at !== undefined) {
      event.stopPropagation();
      point(undefined);
      return;
    }
    const target = targetBar(event.key, { from: at, count: bars.length, isFast: event.shiftKey });
    if (target === undefined) return;
    event.preventDefault();
    point(target);
  };

  return (
    <Panel
      title={title}
      note={at === undefined ? note : wordsOf(at)}
      tools={
        <>
          <Legend names={names} bars={at === undefined ? bars : bars.slice(at, at + 1)} isStale={isStale} />
          {onShare === undefined ? null : (
            <Button look="quiet" size="small" icon label={`Share ${title} in chat`} onPress={onShare}>
              <Icon name="share-2" size={14} />
            </Button>
          )}
          <Button
            look="quiet"
            size="small"
            icon
            label={isTable ? `Show ${title} as chart` : `Show ${title} as table`}
            onPress={() => setTable(!isTable)}
          >
            <Icon name="table-2" size={14} />
          </Button>
        </>
      }
    >
      <figure className={styles.figure} aria-label={title}>
        <figcaption className="sr" id={summaryId}>
          {summary}
        </figcaption>
        {isTable ? (
          <BarsTable title={title} names={names} bars={bars} holes={holes} />
        ) : (
          <div
            ref={box}
            className={styles.plot}
            role="slider"
            tabIndex={0}
            aria-label={`${title}, crosshair`}
            aria-describedby={summaryId}
            aria-orientation="horizontal"
            aria-valuemin={0}
            aria-valuemax={Math.max(0, bars.length - 1)}
            aria-valuenow={at ?? Math.max(0, bars.length - 1)}
            aria-valuetext={at === undefined ? summary : wordsOf(at)}
            onKeyDown={onKeyDown}
            onBlur={() => point(undefined)}
            onPointerMove={({ clientX, currentTarget }) => {
              const { left } = currentTarget.getBoundingClientRect();
              point(barAt(barsPlace(width), bars.length, clientX - left));
            }}
            onPointerLeave={() => point(undefined)}
          >
            {width === 0 ? null : <BarsDrawing {...props} width={width} pointed={at} />}
          </div>
        )}
      </figure>
      {children}
    </Panel>
  );
}

/** Where a key moves the crosshair; the first press begins at the newest. Exported for its test. */
export function targetBar(
  key: string,
  { from, count, isFast }: { readonly from: number | undefined; readonly count: number; readonly isFast: boolean },
): number | undefined {
  const last = count - 1;
  const step = isFast ? 10 : 1;
  if (last < 0) return undefined;
  switch (key) {
    case 'ArrowLeft':
      return from === undefined ? last : Math.max(0, from - step);
    case 'ArrowRight':
      return from === undefined ? last : Math.min(last, from + step);
    case 'Home':
      return 0;
    case 'End':
      return last;
    default:
      return undefined;
  }
}

function Legend({
  names,
  bars,
  isStale,
}: {
  readonly names: BarsProps['names'];
  readonly bars: readonly StackedBar[];
  readonly isStale: boolean;
}): ReactElement {
  const sum = (of: (bar: StackedBar) => number): string => grouped(bars.reduce((total, bar) => total + of(bar), 0));
  return (
    <div className={styles.legend} data-stale={isStale}>
      <span>
        <i className={styles.low} />
        {names.low} <b>{sum(({ low }) => low)}</b>
      </span>
      <span>
        <i className={styles.high} />
        {names.high} <b>{sum(({ high }) => high)}</b>
      </span>
    </div>
  );
}

function BarsTable({ title, names, bars, holes }: Pick<BarsProps, 'title' | 'names' | 'bars' | 'holes'>): ReactElement {
  const told = bars.filter(({ low, high }) => low + high > 0);
  if (told.length === 0 && holes.length === 0) return <p className={styles.none}>Nothing in this time.</p>;
  return (
    <ChartTable
      title={title}
      columns={{
        times: told.map(({ at }) => at),
        lines: [
          { name: names.low, values: told.map(({ low }) => low) },
          { name: names.high, values: told.map(({ high }) => high) },
        ],
        unit: '',
        top: 0,
      }}
      holes={holes}
      figure={grouped}
    />
  );
}

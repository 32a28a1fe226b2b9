// The chart: a panel's figure with a legend, a plot, a crosshair that answers to pointer and keys, a summary in words
// and the same numbers as a table. The one wrapper for every chart.

import 'uplot/dist/uPlot.min.css';
import { useEffect, useId, useRef, useState, type KeyboardEvent, type ReactElement, type ReactNode } from 'react';
import { clock } from '../../words/time.ts';
import { Button } from '../button.tsx';
import { Icon } from '../icon.tsx';
import { Panel } from '../panel.tsx';
import { useWidth } from '../use-width.ts';
import { ChartTable } from './chart-table.tsx';
import {
  nearestIndex,
  newestIndex,
  type ChartColumns,
  type ChartEnd,
  type ChartHole,
  type ChartSpan,
} from './chart-columns.ts';
import styles from './chart.module.css';
import { useCrosshair } from './crosshair.ts';
import { Legend } from './legend.tsx';
import { createPlot, type Plot } from './plot.ts';
import { onThemeChange } from './palette.ts';

export interface ChartProps {
  readonly title: string;
  readonly columns: ChartColumns;
  readonly holes: readonly ChartHole[];
  readonly span: ChartSpan;
  readonly end: ChartEnd;
  /** `CPU 34 %, min 18, max 71, rising, 1 gap`. */
  readonly summary: string;
  /** A value as the legend writes it. */
  readonly figure: (value: number) => string;
  /** Under the plot: the bar that says it is paused. */
  readonly children?: ReactNode;
}

export function Chart({ title, columns, holes, span, end, summary, figure, children }: ChartProps): ReactElement {
  const [crosshair, time] = useCrosshair();
  const [isTable, setTable] = useState(false);
  const [line, setLine] = useState(0);
  const summaryId = useId();
  const index = time === undefined ? undefined : nearestIndex(columns, time);

  const said = index === undefined ? undefined : valueText(columns, index, line, figure);
  const onKeyDown = (event: KeyboardEvent): void => {
    const current = index ?? newestIndex(columns);
    if (current === undefined) return;
    if (event.key === 'Escape') {
      crosshair.set(undefined);
      return;
    }
    if (event.key === 'ArrowUp' || event.key === 'ArrowDown') {
      const { length } = columns.lines;
      setLine((line + (event.key === 'ArrowDown' ? 1 : length - 1)) % length);
      crosshair.set(columns.times[current]);
      event.preventDefault();
      return;
    }
    const target = movedIndex(columns, current, event.key, event.shiftKey, time === undefined);
    if (target === undefined) return;
    event.preventDefault();
    crosshair.set(columns.times[target]);
  };

  return (
    <Panel
      title={title}
      tools={
        <>
          <Legend columns={columns} index={index ?? newestIndex(columns)} figure={figure} isStale={end === 'stale'} />
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
          <ChartTable title={title} columns={columns} holes={holes} figure={figure} />
        ) : (
          <div
            className={styles.plot}
            role="slider"
            tabIndex={0}
            aria-label={`${title}, crosshair`}
            aria-describedby={summaryId}
            aria-orientation="horizontal"
            aria-valuemin={0}
            aria-valuemax={Math.max(0, columns.times.length - 1)}
            aria-valuenow={index ?? Math.max(0, columns.times.length - 1)}
            aria-valuetext={said ?? summary}
            onKeyDown={onKeyDown}
            onBlur={() => crosshair.set(undefined)}
          >
            {columns.times.length === 0 ? <p className={styles.empty}>no data yet</p> : null}
            <Canvas columns={columns} holes={holes} span={span} end={end} />
          </div>
        )}
      </figure>
      {children}
    </Panel>
  );
}

/** Where a key moves the crosshair; points inside holes are skipped. Exported for its test. */
export function movedIndex(
  columns: ChartColumns,
  from: number,
  key: string,
  isFast: boolean,
  isFirst = false,
): number | undefined {
  const known = columns.times.flatMap((_, index) =>
    columns.lines.some(({ values }) => values[index] !== null && values[index] !== undefined) ? [index] : [],
  );
  const at = known.indexOf(from);
  const step = isFast ? 10 : 1;
  const last = known.length - 1;
  switch (key) {
    case 'ArrowLeft':
      return isFirst ? known[last] : known[Math.max(0, at - step)];
    case 'ArrowRight':
      return isFirst ? known[last] : known[Math.min(last, at + step)];
    case 'Home':
      return known[0];
    case 'End':
      return known[last];
    default:
      return undefined;
  }
}

function valueText(columns: ChartColumns, index: number, line: number, figure: (value: number) => string): string {
  const { lines, unit, times } = columns;
  const chosen = lines[Math.min(line, lines.length - 1)];
  const value = chosen?.values[index];
  const said = value === null || value === undefined ? 'no value' : `${figure(value)} ${unit}`.trim();
  return `${clock(times[index] ?? 0)}, ${chosen?.name ?? ''} ${said}`;
}

/** The canvas: made once per set of lines, then only fed; it draws nothing while it is out of sight. */
function Canvas(state: Pick<ChartProps, 'columns' | 'holes' | 'span' | 'end'>): ReactElement {
  const [box, width] = useWidth();
  const [crosshair, time] = useCrosshair();
  const plot = useRef<Plot>(undefined);
  const latest = useRef(state);
  const isVisible = useRef(true);
  latest.current = state;
  const shape = `${state.columns.lines.map(({ name }) => name).join(' ')} ${state.columns.band?.name ?? ''}`;
  const hasWidth = width > 0;

  useEffect(() => {
    const element = box.current;
    if (element === null || !hasWidth) return undefined;
    const made = createPlot(element, element.clientWidth, latest.current, (at) => crosshair.set(at));
    plot.current = made;
    const endTheme = onThemeChange(() => requestAnimationFrame(() => made.recolour()));
    const observer = new IntersectionObserver(([entry]) => {
      isVisible.current = entry?.isIntersecting ?? true;
      if (isVisible.current) made.update(latest.current);
    });
    observer.observe(element);
    void document.fonts?.ready.then(() => made.recolour());
    return () => {
      observer.disconnect();
      endTheme();
      plot.current = undefined;
      made.destroy();
    };
  }, [box, crosshair, hasWidth, shape]);

  useEffect(() => {
    if (width > 0) plot.current?.resize(width);
  }, [width]);
  useEffect(() => {
    if (isVisible.current) plot.current?.update(state);
    // oxlint-disable-next-line react-hooks/exhaustive-deps -- the state is new in every render, what it holds is not
  }, [state.columns, state.holes, state.span, state.end]);
  const nearest = time === undefined ? undefined : nearestIndex(state.columns, time);
  const at = nearest === undefined ? undefined : state.columns.times[nearest];
  useEffect(() => {
    plot.current?.point(at);
  }, [at, state.columns, state.span]);

  const share = at === undefined ? undefined : (at - state.span.from) / (state.span.to - state.span.from);
  return (
    <div className={styles.canvas} ref={box}>
      {at === undefined || share === undefined || share < 0 || share > 1 ? null : (
        <span
          className={styles.at}
          style={{ left: Math.min(width - 30, 46 + share * (width - 56)) }}
          aria-hidden="true"
        >
          {clock(at)}
        </span>
      )}
    </div>
  );
}

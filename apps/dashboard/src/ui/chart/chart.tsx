// The chart: a panel's figure with a legend, a plot, a crosshair that answers to pointer and keys, a summary in words
// and the same numbers as a table. The one wrapper for every chart.

import 'uplot/dist/uPlot.min.css';
import { memo, useId, useRef, useState, type KeyboardEvent, type ReactElement, type ReactNode } from 'react';
import { clock } from '../../words/time.ts';
import { Button } from '../button.tsx';
import { Icon } from '../icon.tsx';
import { Panel } from '../panel.tsx';
import { useCalm } from '../use-calm.ts';
import { Canvas } from './canvas.tsx';
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

/** How often the figures of a legend change: of more nobody could read one. */
const legibleMs = 250;

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
  /** Shows what is drawn now to others. */
  readonly onShare?: (() => void) | undefined;
  /** Under the plot: the bar that says it is paused. */
  readonly children?: ReactNode;
}

export function Chart(props: ChartProps): ReactElement {
  const { title, columns, holes, span, end, summary, figure, onShare, children } = props;
  const [crosshair, time] = useCrosshair();
  const [isTable, setTable] = useState(false);
  const [line, setLine] = useState(0);
  const summaryId = useId();
  const index = time === undefined ? undefined : nearestIndex(columns, time);
  const legible = useCalm(columns, legibleMs);

  const latestShare = useRef(onShare);
  latestShare.current = onShare;
  const [share] = useState(() => () => latestShare.current?.());

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
          <Legend columns={legible} time={time} figure={figure} isStale={end === 'stale'} />
          <ChartButtons
            title={title}
            isTable={isTable}
            onTable={setTable}
            onShare={onShare === undefined ? undefined : share}
          />
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

/** Beside the legend; what they do does not change with each point, so they need not be drawn with it. */
const ChartButtons: typeof Buttons = memo(Buttons) as typeof Buttons;

function Buttons({
  title,
  isTable,
  onTable,
  onShare,
}: {
  readonly title: string;
  readonly isTable: boolean;
  readonly onTable: (isTable: boolean) => void;
  readonly onShare: (() => void) | undefined;
}): ReactElement {
  return (
    <>
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
        onPress={() => onTable(!isTable)}
      >
        <Icon name="table-2" size={14} />
      </Button>
    </>
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

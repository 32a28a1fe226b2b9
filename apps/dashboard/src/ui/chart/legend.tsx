// A chart's legend: each line's stroke, name and value at the crosshair, else its newest; the band in words.

import { memo, type ReactElement } from 'react';
import { missing } from '../../words/units.ts';
import { nearestIndex, newestIndex, type ChartColumns } from './chart-columns.ts';
import { dashes } from './palette.ts';
import styles from './chart.module.css';

/** Drawn anew only when something about it changed, which is less often than points come. */
export const Legend: typeof Figures = memo(Figures) as typeof Figures;

function Figures({
  columns,
  time,
  figure,
  isStale,
}: {
  readonly columns: ChartColumns;
  /** Of the crosshair. */
  readonly time: number | undefined;
  readonly figure: (value: number) => string;
  readonly isStale: boolean;
}): ReactElement {
  const { lines, band, unit } = columns;
  const index = time === undefined ? newestIndex(columns) : (nearestIndex(columns, time) ?? newestIndex(columns));
  const value = (values: readonly (number | null)[]): string => {
    const number = index === undefined ? undefined : values[index];
    return number === null || number === undefined ? missing : figure(number);
  };
  const tail = unit === '%' ? ' %' : '';
  return (
    <div className={styles.legend} data-stale={isStale}>
      {lines.map(({ name, values }, at) => (
        <span key={name}>
          <svg viewBox="0 0 14 8" aria-hidden="true">
            <path d="M0 4H14" stroke={`var(--s${at + 1})`} strokeWidth="2" strokeDasharray={dashes[at]?.join(' ')} />
          </svg>
          {name}
          <b>
            {value(values)}
            {tail}
          </b>
        </span>
      ))}
      {band === undefined ? null : (
        <span className={styles.quiet}>
          {band.name} {value(band.low)}–{value(band.high)}
        </span>
      )}
      {unit === '' || unit === '%' ? null : <span className={styles.quiet}>{unit}</span>}
    </div>
  );
}

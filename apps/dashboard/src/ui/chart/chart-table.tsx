// A chart's numbers as a table, newest first, 25 rows a page; a hole is a row of its own that says why.

import { useState, type ReactElement } from 'react';
import { clock, exactDuration } from '../../words/time.ts';
import { missing } from '../../words/units.ts';
import { Button } from '../button.tsx';
import table from '../table.module.css';
import type { ChartColumns, ChartHole } from './chart-columns.ts';
import styles from './chart.module.css';

const pageRows = 25;

type ChartRow =
  | { readonly kind: 'values'; readonly at: number; readonly values: readonly (number | null)[] }
  | { readonly kind: 'hole'; readonly at: number; readonly hole: ChartHole };

/** Rows newest first; exported for its test. */
export function chartRows({ times, lines }: ChartColumns, holes: readonly ChartHole[]): readonly ChartRow[] {
  const rows: ChartRow[] = holes.map((hole) => ({ kind: 'hole', at: hole.to, hole }));
  for (const [index, at] of times.entries()) {
    const values = lines.map((line) => line.values[index] ?? null);
    if (values.some((value) => value !== null)) rows.push({ kind: 'values', at, values });
  }
  // At the same time the hole comes after the value that ended it.
  return rows.sort((one, other) => other.at - one.at || (one.kind === 'values' ? -1 : 1));
}

export function ChartTable({
  title,
  columns,
  holes,
  figure,
}: {
  readonly title: string;
  readonly columns: ChartColumns;
  readonly holes: readonly ChartHole[];
  readonly figure: (value: number) => string;
}): ReactElement {
  const [page, setPage] = useState(0);
  const rows = chartRows(columns, holes);
  const pages = Math.max(1, Math.ceil(rows.length / pageRows));
  const shown = rows.slice(page * pageRows, (page + 1) * pageRows);
  return (
    <div className={styles.tableBox} role="region" aria-label={`${title} as table`} tabIndex={0}>
      <table className={table.table}>
        <caption className="sr">{`${title}, newest first, page ${page + 1} of ${pages}`}</caption>
        <thead>
          <tr>
            <th scope="col">Time</th>
            {columns.lines.map(({ name }) => (
              <th key={name} scope="col" data-align="right">
                {columns.unit === '' ? name : `${name}, ${columns.unit}`}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {shown.map((row) =>
            row.kind === 'hole' ? (
              <tr key={`hole ${row.at}`} className={styles.holeRow}>
                <th scope="row">{clock(row.hole.from)}</th>
                <td colSpan={columns.lines.length}>
                  {row.hole.reason}, {exactDuration(row.hole.to - row.hole.from)}
                </td>
              </tr>
            ) : (
              <tr key={row.at}>
                <th scope="row">{clock(row.at)}</th>
                {row.values.map((value, index) => (
                  <td key={columns.lines[index]?.name} data-align="right">
                    {value === null ? missing : figure(value)}
                  </td>
                ))}
              </tr>
            ),
          )}
        </tbody>
      </table>
      <div className={styles.pager}>
        <Button size="small" isDisabled={page === 0} onPress={() => setPage(page - 1)}>
          Newer
        </Button>
        <span>{`${page + 1} of ${pages}`}</span>
        <Button size="small" isDisabled={page >= pages - 1} onPress={() => setPage(page + 1)}>
          Older
        </Button>
      </div>
    </div>
  );
}

// A table: columns declared once, numbers right, words left, head sortable where a column says so. Cells are text or
// controls; what a machine sent reaches them as React text only.

import { useState, type ReactElement, type ReactNode } from 'react';
import styles from './table.module.css';

export interface Column<Row> {
  readonly id: string;
  readonly title: string;
  readonly cell: (row: Row) => ReactNode;
  readonly align?: 'right';
  /** On a phone: dropped, or the one that gives way so that the rest fits; else the name does. */
  readonly narrow?: 'hide' | 'shrink';
  /** Sorting by this column; numbers begin with the largest, words with the first. */
  readonly sortBy?: (row: Row) => number | string;
  /** Names the row: read with each of its cells. Exactly one column. */
  readonly isName?: true;
  /** Its head is for screen readers only: a column of controls. */
  readonly quiet?: true;
}

interface Order {
  readonly column: string;
  readonly direction: 'ascending' | 'descending';
}

export function Table<Row>({
  caption,
  columns,
  rows,
  keyOf,
  initialOrder,
  limit,
  stale = false,
  isCurrent,
}: {
  /** Says what the table holds; read, not shown. */
  readonly caption: string;
  readonly columns: readonly Column<Row>[];
  readonly rows: readonly Row[];
  readonly keyOf: (row: Row) => string;
  readonly initialOrder?: Order;
  /** Shows the first so many after sorting. */
  readonly limit?: number;
  readonly stale?: boolean;
  readonly isCurrent?: (row: Row) => boolean;
}): ReactElement {
  const [order, setOrder] = useState(initialOrder);
  const sorted = sortRows(rows, columns, order);
  return (
    <table className={styles.table} data-stale={stale}>
      <caption className="sr">{caption}</caption>
      <thead>
        <tr>
          {columns.map(({ id, title, align, narrow, sortBy, quiet }) => (
            <th
              key={id}
              scope="col"
              data-align={align}
              data-narrow={narrow}
              aria-sort={sortBy === undefined ? undefined : order?.column === id ? order.direction : 'none'}
            >
              {sortBy === undefined ? (
                <span className={quiet ? 'sr' : undefined}>{title}</span>
              ) : (
                <button className={styles.sort} type="button" onClick={() => setOrder(nextOrder(order, id, align))}>
                  {title}
                </button>
              )}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {sorted.slice(0, limit).map((row) => (
          <tr key={keyOf(row)} data-mark={isCurrent?.(row) === true ? 'current' : undefined}>
            {columns.map(({ id, cell, align, narrow, isName, quiet }) =>
              isName ? (
                <th key={id} scope="row" data-align={align} data-narrow={narrow}>
                  {cell(row)}
                </th>
              ) : (
                <td key={id} data-align={align} data-narrow={narrow} data-quiet={quiet}>
                  {cell(row)}
                </td>
              ),
            )}
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function nextOrder(order: Order | undefined, column: string, align: 'right' | undefined): Order {
  const first = align === 'right' ? 'descending' : 'ascending';
  if (order?.column !== column) return { column, direction: first };
  return { column, direction: order.direction === 'ascending' ? 'descending' : 'ascending' };
}

/** Sorts a copy; rows that compare equal keep their order. */
export function sortRows<Row>(
  rows: readonly Row[],
  columns: readonly Column<Row>[],
  order: Order | undefined,
): readonly Row[] {
  const by = columns.find(({ id }) => id === order?.column)?.sortBy;
  if (order === undefined || by === undefined) return rows;
  const sign = order.direction === 'ascending' ? 1 : -1;
  return [...rows].sort((one, other) => {
    const left = by(one);
    const right = by(other);
    if (typeof left === 'number' && typeof right === 'number') return (left - right) * sign;
    return String(left).localeCompare(String(right)) * sign;
  });
}

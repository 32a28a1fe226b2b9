// A long table of rows that open: only the rows that are seen are drawn, the whole is one stop of the Tab key, arrow
// keys walk through it, Enter opens. Knows no domain; the widths of its columns are the style sheet's of who uses it.

import { useCallback, useState, type KeyboardEvent, type ReactElement, type ReactNode } from 'react';
import { phone, useMedia } from '../use-media.ts';
import styles from './grid.module.css';
import { GridRow } from './grid-row.tsx';
import { targetIndex } from './grid-keys.ts';
import { useRowsInBox, useRowsInPage, type RowWindow } from './row-window.ts';

export interface GridColumn<Row, Id extends string = string> {
  readonly id: Id;
  readonly title: string;
  /** `isActive`: the row has the keys, so its controls are stops of the Tab key. */
  readonly cell: (row: Row, isActive: boolean) => ReactNode;
  readonly align?: 'right';
  /** Names the row: read with each of its cells. Exactly one column. */
  readonly isName?: true;
  readonly isSortable?: true;
  /** Its head is for screen readers only: a column of controls. */
  readonly quiet?: true;
}

export interface GridOrder<Id extends string = string> {
  readonly column: Id;
  readonly direction: 'ascending' | 'descending';
}

export interface GridProps<Row, Id extends string> {
  readonly label: string;
  /** Must be the same array while nothing about the columns changes. */
  readonly columns: readonly GridColumn<Row, Id>[];
  /** In the order of the screen. A row that is the same object is not drawn again. */
  readonly rows: readonly Row[];
  readonly keyOf: (row: Row) => string;
  readonly order: GridOrder<Id>;
  readonly onOrder: (order: GridOrder<Id>) => void;
  readonly onOpen: (row: Row) => void;
  /** Key of the row to begin at: the one that was opened last, for who comes back. */
  readonly startAt?: string | undefined;
  /** Marks of a row for its style: `data-…`. */
  readonly marksOf?: (row: Row) => Readonly<Record<`data-${string}`, string | undefined>>;
  /** Height of a row in CSS pixels; on a phone rows are as high as what is in them, and this is a guess. */
  readonly rowHeight: number;
  /** Sets the columns of rows and head: `grid-template-columns`, what is left out where there is little room. */
  readonly className: string | undefined;
}

/** Scrolls in its own box; on a phone with the page. */
export function Grid<Row, Id extends string>(props: GridProps<Row, Id>): ReactElement {
  return useMedia(phone) ? <GridInPage {...props} /> : <GridInBox {...props} />;
}

function GridInBox<Row, Id extends string>(props: GridProps<Row, Id>): ReactElement {
  const [active, setActive] = useActive(props);
  return <GridBody {...props} active={active} onActive={setActive} shown={useRowsInBox(props, active)} />;
}

function GridInPage<Row, Id extends string>(props: GridProps<Row, Id>): ReactElement {
  const [active, setActive] = useActive(props);
  return <GridBody {...props} active={active} onActive={setActive} shown={useRowsInPage(props, active)} />;
}

/** The row that has the keys: it stays with its row when the order changes, and goes to the first where it is gone. */
function useActive<Row>({
  rows,
  keyOf,
  startAt,
}: {
  readonly rows: readonly Row[];
  readonly keyOf: (row: Row) => string;
  readonly startAt?: string | undefined;
}): readonly [number, (key: string) => void] {
  const [key, setKey] = useState(startAt);
  const index = key === undefined ? 0 : rows.findIndex((row) => keyOf(row) === key);
  return [Math.max(0, index), setKey];
}

function GridBody<Row, Id extends string>({
  label,
  columns,
  rows,
  keyOf,
  order,
  onOrder,
  onOpen,
  marksOf,
  className,
  active,
  onActive,
  shown,
}: GridProps<Row, Id> & {
  readonly active: number;
  readonly onActive: (key: string) => void;
  readonly shown: RowWindow;
}): ReactElement {
  const { focusRow } = shown;
  const onKeyDown = (event: KeyboardEvent<HTMLElement>): void => {
    if (!(event.target instanceof HTMLElement) || event.target.getAttribute('role') !== 'row') return;
    const row = rows[active];
    if (row === undefined || event.altKey || event.metaKey) return;
    if (event.key === 'Enter') {
      event.preventDefault();
      onOpen(row);
      return;
    }
    const target = targetIndex(event.key, { from: active, count: rows.length, page: shown.page() });
    const next = target === undefined ? undefined : rows[target];
    if (target === undefined || next === undefined) return;
    event.preventDefault();
    if (target === active) return;
    onActive(keyOf(next));
    focusRow(target);
  };
  const activate = useCallback((row: Row) => onActive(keyOf(row)), [onActive, keyOf]);
  return (
    <div ref={shown.box} className={`${styles.box} ${className ?? ''}`}>
      {/* oxlint-disable-next-line jsx-a11y/interactive-supports-focus -- its rows have the focus, one at a time */}
      <div role="grid" aria-label={label} aria-rowcount={rows.length + 1} onKeyDown={onKeyDown}>
        <div role="rowgroup" className={styles.head}>
          <div role="row" aria-rowindex={1} className={styles.row}>
            {columns.map(({ id, title, align, isSortable, quiet }) => (
              <div
                key={id}
                role="columnheader"
                className={styles.title}
                data-column={id}
                data-align={align}
                aria-sort={!isSortable ? undefined : order.column === id ? order.direction : 'none'}
              >
                {isSortable ? (
                  <button type="button" onClick={() => onOrder(nextOrder(order, id, align))}>
                    {title}
                  </button>
                ) : (
                  <span className={quiet ? 'sr' : undefined}>{title}</span>
                )}
              </div>
            ))}
          </div>
        </div>
        <div role="rowgroup" ref={shown.body} className={styles.body} style={{ height: shown.height }}>
          {shown.items.map(({ index, start }) => {
            const row = rows[index];
            return row === undefined ? null : (
              <GridRow
                key={keyOf(row)}
                row={row}
                index={index}
                top={start}
                columns={columns}
                isActive={index === active}
                marksOf={marksOf}
                onActive={activate}
                onOpen={onOpen}
                measure={shown.measure}
              />
            );
          })}
        </div>
      </div>
    </div>
  );
}

function nextOrder<Id extends string>(order: GridOrder<Id>, column: Id, align: 'right' | undefined): GridOrder<Id> {
  if (order.column === column) {
    return { column, direction: order.direction === 'ascending' ? 'descending' : 'ascending' };
  }
  return { column, direction: align === 'right' ? 'descending' : 'ascending' };
}

// One row of a grid. Drawn again only when its row, its place or its being active changes: 500 rows that report each
// second must cost no more than those that say something new.

import { memo, useCallback, useRef, type MouseEvent, type ReactElement } from 'react';
import { useKeptFocus } from '../keep-focus.tsx';
import type { GridColumn } from './grid.tsx';
import styles from './grid.module.css';

interface GridRowProps<Row, Id extends string> {
  readonly row: Row;
  readonly index: number;
  /** Its distance from the first row, in CSS pixels. */
  readonly top: number;
  readonly columns: readonly GridColumn<Row, Id>[];
  readonly isActive: boolean;
  readonly marksOf: ((row: Row) => Readonly<Record<`data-${string}`, string | undefined>>) | undefined;
  readonly onActive: (row: Row) => void;
  readonly onOpen: (row: Row) => void;
  /** Told of the element where rows are as high as what is in them. */
  readonly measure: ((element: HTMLElement | null) => void) | undefined;
}

function Drawn<Row, Id extends string>(props: GridRowProps<Row, Id>): ReactElement {
  const { row, index, top, columns, isActive, marksOf, onActive, onOpen, measure } = props;
  const element = useRef<HTMLDivElement>(null);
  const body = useRef<Element>(null);
  const hold = useCallback(
    (next: HTMLDivElement | null) => {
      element.current = next;
      if (next !== null) body.current = next.parentElement;
      measure?.(next);
    },
    [measure],
  );
  // The rows are one stop of the Tab key: it goes on to another one of them.
  useKeptFocus(element, () => body.current?.querySelector<HTMLElement>('[role="row"][tabindex="0"]'));
  const open = useCallback(
    (event: MouseEvent<HTMLElement>) => {
      const control = event.target instanceof Element ? event.target.closest('a, button, input') : null;
      // A link of the row that was followed in this page has opened it; one that was opened in another tab has not.
      const isFollowed = control?.localName === 'a' && event.defaultPrevented;
      // Who selects a text to copy it does not want to leave.
      if (!isFollowed && (control !== null || getSelection()?.isCollapsed === false)) return;
      onOpen(row);
    },
    [row, onOpen],
  );
  return (
    // oxlint-disable-next-line jsx-a11y/click-events-have-key-events -- the grid hears Enter
    <div
      {...marksOf?.(row)}
      ref={hold}
      role="row"
      className={styles.row}
      data-index={index}
      aria-rowindex={index + 2}
      tabIndex={isActive ? 0 : -1}
      style={{ transform: `translateY(${top}px)` }}
      onFocus={() => onActive(row)}
      onClick={open}
    >
      {columns.map(({ id, cell, align, isName }) => (
        <div
          key={id}
          role={isName ? 'rowheader' : 'gridcell'}
          className={styles.cell}
          data-column={id}
          data-align={align}
        >
          {cell(row, isActive)}
        </div>
      ))}
    </div>
  );
}

export const GridRow: typeof Drawn = memo(Drawn) as typeof Drawn;

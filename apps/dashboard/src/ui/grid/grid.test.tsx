// @vitest-environment happy-dom
import { act } from 'react';
import { createRoot, type Root } from 'react-dom/client';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Grid, type GridColumn, type GridOrder } from './grid.tsx';
import { targetIndex } from './grid-keys.ts';

(globalThis as { IS_REACT_ACT_ENVIRONMENT?: boolean }).IS_REACT_ACT_ENVIRONMENT = true;

interface Row {
  readonly name: string;
  readonly cpu: number;
}
const rows: readonly Row[] = Array.from({ length: 500 }, (_, index) => ({ name: `node-${index}`, cpu: index % 100 }));
let drawn: string[] = [];
const columns: readonly GridColumn<Row>[] = [
  {
    id: 'name',
    title: 'Agent',
    isName: true,
    isSortable: true,
    cell: ({ name }) => {
      drawn.push(name);
      return (
        <a href={`/${name}`} onClick={(event) => event.preventDefault()}>
          {name}
        </a>
      );
    },
  },
  { id: 'cpu', title: 'CPU', align: 'right', isSortable: true, cell: ({ cpu }) => cpu },
];
const keyOf = ({ name }: Row): string => name;

let box: HTMLElement;
let root: Root;
const onOpen = vi.fn<(row: Row) => void>();
const onOrder = vi.fn<(order: GridOrder) => void>();

const order: GridOrder = { column: 'cpu', direction: 'descending' };
const show = (held: readonly Row[], startAt?: string): void =>
  root.render(
    <Grid
      label="Agents"
      className={undefined}
      columns={columns}
      rows={held}
      keyOf={keyOf}
      order={order}
      onOrder={onOrder}
      onOpen={onOpen}
      startAt={startAt}
      rowHeight={34}
    />,
  );

const rowOf = (name: string): HTMLElement | undefined =>
  [...box.querySelectorAll<HTMLElement>('[role=row]')].find(
    (row) => row.querySelector('[role=rowheader]')?.textContent === name,
  );
const press = (key: string): void => {
  act(() => {
    document.activeElement?.dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true, cancelable: true }));
  });
};

describe('a grid', () => {
  beforeEach(() => {
    // A box of ten rows: happy-dom lays nothing out.
    vi.spyOn(HTMLElement.prototype, 'offsetHeight', 'get').mockReturnValue(340);
    vi.spyOn(HTMLElement.prototype, 'clientHeight', 'get').mockReturnValue(340);
    drawn = [];
    onOpen.mockClear();
    onOrder.mockClear();
    box = document.createElement('div');
    document.body.append(box);
    root = createRoot(box);
    act(() => show(rows));
  });
  afterEach(() => {
    act(() => root.unmount());
    box.remove();
    vi.restoreAllMocks();
  });

  it('draws the rows that are seen, and says how many there are', () => {
    expect(box.querySelector('[role=grid]')?.getAttribute('aria-rowcount')).toBe('501');
    expect(box.querySelectorAll('[role=rowheader]').length).toBeLessThan(40);
    expect(rowOf('node-0')?.getAttribute('aria-rowindex')).toBe('2');
  });

  it('is one stop of the Tab key, and arrows walk through it', () => {
    expect(box.querySelectorAll('[role=row][tabindex="0"]')).toHaveLength(1);
    act(() => rowOf('node-0')?.focus());
    press('ArrowDown');
    press('ArrowDown');
    expect(document.activeElement).toBe(rowOf('node-2'));
    expect(box.querySelectorAll('[role=row][tabindex="0"]')).toHaveLength(1);
    press('ArrowUp');
    expect(document.activeElement).toBe(rowOf('node-1'));
  });

  it('goes to rows that were not drawn, and keeps the one that has the focus', () => {
    act(() => rowOf('node-0')?.focus());
    press('End');
    expect(document.activeElement?.textContent).toMatch(/^node-499/);
    press('Home');
    expect(document.activeElement?.textContent).toMatch(/^node-0/);
  });

  it('opens by Enter, by a click and by its link, but not where a text is selected', () => {
    act(() => rowOf('node-0')?.focus());
    press('Enter');
    act(() => rowOf('node-3')?.click());
    expect(onOpen.mock.calls.map(([{ name }]) => name)).toEqual(['node-0', 'node-3']);
    act(() => rowOf('node-5')?.querySelector('a')?.click());
    expect(onOpen).toHaveBeenCalledTimes(3);
    vi.spyOn(globalThis, 'getSelection').mockReturnValue({ isCollapsed: false } as Selection);
    act(() => rowOf('node-4')?.click());
    expect(onOpen).toHaveBeenCalledTimes(3);
  });

  it('draws again only the rows that changed', () => {
    drawn = [];
    act(() => show(rows.map((row) => (row.name === 'node-3' ? { ...row, cpu: 99 } : row))));
    expect(drawn).toEqual(['node-3']);
  });

  it('keeps the keys at a row that moves', () => {
    act(() => rowOf('node-1')?.focus());
    act(() => show([...rows].toReversed().slice(480)));
    expect(rowOf('node-1')?.tabIndex).toBe(0);
    expect(document.activeElement).toBe(rowOf('node-1'));
  });

  it('begins at the row that was opened last', () => {
    act(() => root.unmount());
    root = createRoot(box);
    act(() => show(rows, 'node-300'));
    expect(rowOf('node-300')?.tabIndex).toBe(0);
  });

  it('asks for an order by its heads: numbers begin with the largest, words with the first', () => {
    const head = (title: string): HTMLElement | undefined =>
      [...box.querySelectorAll('button')].find(({ textContent }) => textContent === title);
    act(() => head('Agent')?.click());
    act(() => head('CPU')?.click());
    expect(onOrder.mock.calls.map(([asked]) => asked)).toEqual([
      { column: 'name', direction: 'ascending' },
      { column: 'cpu', direction: 'ascending' },
    ]);
    expect(head('CPU')?.closest('[role=columnheader]')?.getAttribute('aria-sort')).toBe('descending');
  });
});

it.each([
  ['PageDown', 5, 15],
  ['PageUp', 5, 0],
  ['End', 5, 99],
  ['ArrowUp', 0, 0],
  ['Tab', 5, undefined],
])('%s from row %d of a hundred leads to %s', (key, from, target) => {
  expect(targetIndex(key, { from, count: 100, page: 10 })).toBe(target);
});

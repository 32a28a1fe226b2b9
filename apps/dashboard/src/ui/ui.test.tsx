// @vitest-environment happy-dom
import { act, type ReactNode } from 'react';
import { createRoot, type Root } from 'react-dom/client';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { DangerButton } from './button.tsx';
import { FaultBoundary } from './fault-boundary.tsx';
import { Lamps, MasterLamp, type LampView } from './lamps.tsx';
import { draw } from './sparkline.tsx';
import { sortRows, Table, type Column } from './table.tsx';
import { Tile } from './tile.tsx';

(globalThis as { IS_REACT_ACT_ENVIRONMENT?: boolean }).IS_REACT_ACT_ENVIRONMENT = true;

let box: HTMLElement;
let root: Root;
const show = (node: ReactNode): void => act(() => root.render(node));

beforeEach(() => {
  box = document.createElement('div');
  document.body.append(box);
  root = createRoot(box);
});
afterEach(() => {
  act(() => root.unmount());
  box.remove();
  vi.useRealTimers();
});

interface Process {
  readonly pid: number;
  readonly name: string;
  readonly cpu: number;
}
const columns: readonly Column<Process>[] = [
  { id: 'name', title: 'Process', cell: ({ name }) => name, isName: true, sortBy: ({ name }) => name },
  { id: 'cpu', title: 'CPU', cell: ({ cpu }) => cpu, align: 'right', sortBy: ({ cpu }) => cpu },
];
const rows: readonly Process[] = [
  { pid: 1, name: 'sshd', cpu: 1 },
  { pid: 2, name: '<img src=x onerror=alert(1)>', cpu: 40 },
  { pid: 3, name: 'node', cpu: 12 },
];
const names = (): (string | null)[] => [...box.querySelectorAll('tbody th')].map((cell) => cell.textContent);

describe('a table', () => {
  const table = (
    <Table
      caption="Processes"
      columns={columns}
      rows={rows}
      keyOf={({ pid }) => String(pid)}
      initialOrder={{ column: 'cpu', direction: 'descending' }}
      limit={2}
    />
  );

  it('shows what a machine sent as text and never as markup', () => {
    show(table);
    expect(names()).toEqual(['<img src=x onerror=alert(1)>', 'node']);
    expect(box.querySelector('img')).toBeNull();
  });

  it('sorts by the head that is pressed, and says so', () => {
    show(table);
    const head = [...box.querySelectorAll('button')].find(({ textContent }) => textContent === 'Process');
    act(() => head?.click());
    expect(names()).toEqual(['<img src=x onerror=alert(1)>', 'node']);
    act(() => head?.click());
    expect(names()).toEqual(['sshd', 'node']);
    expect(head?.closest('th')?.getAttribute('aria-sort')).toBe('descending');
  });

  it('leaves the order alone where nothing says how to sort', () => {
    expect(sortRows(rows, columns, undefined)).toBe(rows);
    expect(sortRows(rows, columns, { column: 'unknown', direction: 'ascending' })).toBe(rows);
  });
});

describe('a button that ends something', () => {
  it('arms at the first press, acts at the second, and disarms by itself', () => {
    vi.useFakeTimers();
    const onPress = vi.fn();
    show(
      <DangerButton armedText="Press again to end" label="End session of ada" onPress={onPress}>
        End
      </DangerButton>,
    );
    const button = box.querySelector('button') as HTMLButtonElement;
    act(() => button.click());
    expect(button.textContent).toBe('Press again to end');
    expect(button.getAttribute('aria-label')).toBe('Press again to end: End session of ada');
    act(() => {
      vi.advanceTimersByTime(4_000);
    });
    expect(button.textContent).toBe('End');
    act(() => button.click());
    act(() => button.click());
    expect(onPress).toHaveBeenCalledTimes(1);
    expect(button.textContent).toBe('End');
  });
});

describe('lamps', () => {
  const lamp = (id: string, light: LampView['light']): LampView => ({
    id,
    legend: id,
    light,
    says: `says ${id}`,
    cause: `tile-${id}`,
  });

  it('link to their cause only when lit, and name their level in words', () => {
    show(<Lamps label="Lamps" lamps={[lamp('disk', 'crit'), lamp('cpu', 'dark'), lamp('loop', 'unknown')]} />);
    const links = [...box.querySelectorAll('a')];
    expect(links.map((link) => link.getAttribute('href'))).toEqual(['#tile-disk']);
    expect(links[0]?.textContent).toBe('disk, warning:says disk');
  });

  it('are counted by the master lamp', () => {
    show(<MasterLamp light="warn" count={2} noun="cautions" />);
    expect(box.textContent).toBe('2 cautions');
    show(<MasterLamp light="dark" count={0} noun="cautions" />);
    expect(box.querySelector('a')?.getAttribute('aria-label')).toBe('No cautions');
  });
});

describe('a tile', () => {
  it('keeps its number when it is stale, without the level that may no longer hold', () => {
    show(
      <Tile id="cpu" name="CPU" reading={{ value: '91', unit: '%' }} level="warn" freshness="4 min ago" state="stale">
        {null}
      </Tile>,
    );
    expect(box.textContent).toBe('CPU4 min ago91%');
  });

  it('shows a dash where there is no number', () => {
    show(
      <Tile id="cpu" name="CPU" reading={undefined} freshness="no data yet" state="none">
        {null}
      </Tile>,
    );
    expect(box.querySelector('b')?.textContent).toBe('–');
  });
});

describe('a part that throws', () => {
  it('says so in its place, and is drawn again on request', () => {
    const silence = vi.spyOn(console, 'error').mockImplementation(() => {});
    let isBroken = true;
    const Part = (): ReactNode => {
      if (isBroken) throw new Error('found no such thing');
      return 'whole';
    };
    show(
      <FaultBoundary
        onRetry={() => {
          isBroken = false;
        }}
      >
        <Part />
      </FaultBoundary>,
    );
    expect(box.querySelector('[role=alert]')?.textContent).toContain('found no such thing');
    act(() => box.querySelector('button')?.click());
    expect(box.textContent).toBe('whole');
    silence.mockRestore();
  });
});

describe('a sparkline', () => {
  const size = { width: 100, height: 26 };
  const props: Parameters<typeof draw>[0] = {
    points: [1_000, 2_000, 3_000, 9_000].map((at, index) => ({ at, value: index })),
    holes: [],
    now: 10_000,
    spanMs: 10_000,
    end: 'live',
  };

  it('draws no line across a hole', () => {
    expect(draw(props, size).line.match(/M/g)).toHaveLength(1);
    const { line, holes } = draw({ ...props, holes: [{ from: 3_000, to: 9_000 }] }, size);
    expect(line.match(/M/g)).toHaveLength(2);
    expect(holes).toHaveLength(1);
  });

  it('ends in a thread when nothing comes', () => {
    expect(draw(props, size).tail).toBeUndefined();
    expect(draw({ ...props, end: 'stale' }, size).tail).toContain('c6 .5');
  });

  it('draws nothing where there is nothing', () => {
    expect(draw({ ...props, points: [] }, size)).toMatchObject({ line: '', last: undefined });
  });
});

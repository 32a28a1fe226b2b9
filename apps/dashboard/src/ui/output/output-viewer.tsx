// Shows output: numbered lines on the well, the newest at the end, which it follows until somebody scrolls up. Knows no
// domain: rows, words and what fetches more are passed in.

import {
  useCallback,
  useId,
  useRef,
  useState,
  type CSSProperties,
  type HTMLAttributes,
  type KeyboardEvent,
  type ReactElement,
  type ReactNode,
} from 'react';
import { ToggleButton } from 'react-aria-components/ToggleButton';
import { Button } from '../button.tsx';
import { Icon } from '../icon.tsx';
import { Panel } from '../panel.tsx';
import { Search } from '../search.tsx';
import type { ThreadState } from '../thread.tsx';
import { useKeptFocus } from '../use-kept-focus.ts';
import { Announcer } from './announcer.tsx';
import { FindBar } from './find-bar.tsx';
import { Foot } from './foot.tsx';
import styles from './output.module.css';
import { OutputRowView } from './output-row.tsx';
import type { OutputRow } from './rows.ts';
import { linesBetween, rowsBetween, type SharedRows } from './selection.ts';
import { useGoTo } from './use-go-to.ts';
import { useFindKey } from './use-find-key.ts';
import { useFind } from './use-find.ts';
import { useFollow, type Shortcuts } from './use-follow.ts';
import { useLineKeys } from './use-line-keys.ts';
import { useReading } from './use-reading.ts';
import { useRowWindow } from './use-row-window.ts';
import { useSelection } from './use-selection.ts';

/** Shared at once where nothing is selected. */
const seenRows = 20;

/** What is shown. A new object for each change: rows are changed in place. */
export interface ShownOutput {
  readonly rows: readonly OutputRow[];
  /** Lines that came live so far, to tell who has paused how many are new. */
  readonly arrived: number;
  /** There is older output that is not here. */
  readonly hasOlder: boolean;
}

export interface OutputFoot {
  readonly thread: ThreadState | undefined;
  readonly title: string;
  readonly detail: string;
  /** False: no more comes, so there is nothing to pause. */
  readonly isGrowing: boolean;
}

export interface OutputViewerProps {
  readonly output: ShownOutput;
  /** Heading of the panel: `Output`. */
  readonly title: string;
  /** Name of the region that scrolls: `Output of nightly-backup`. */
  readonly label: string;
  /** Beside the heading: `14 048 lines, 1 gap`. */
  readonly note: string;
  /** Under the lines while they are followed, or when no more come. */
  readonly foot: OutputFoot;
  /** In the place of lines where there are none. */
  readonly empty: ReactNode;
  readonly shortcuts: Shortcuts;
  /** Fetches what the row of a hole stands for; resolves when it is here. */
  readonly onOpen: (key: string) => Promise<void>;
  /** Fetches the beginning; resolves when it is here. */
  readonly onOpenStart: () => Promise<void>;
  /** Fetches all older output, or as much as fits. */
  readonly onOpenAll: () => Promise<void>;
  readonly onToggleFold: (key: string) => void;
  /** Key of a row that is gone to as soon as it is here. */
  readonly goTo?: string | undefined;
  /** Shows what is selected, or else what is seen, to others. */
  readonly onShare?: ((rows: SharedRows) => void) | undefined;
  /** Told which row is read by somebody who has scrolled away; undefined: the newest is followed. */
  readonly onRead: (key: string | undefined) => void;
}

export function OutputViewer(props: OutputViewerProps): ReactElement {
  const { output, title, label, note, foot, empty, shortcuts } = props;
  const { onOpen, onOpenStart, onOpenAll, onToggleFold, onRead, goTo, onShare } = props;
  const { rows } = output;
  const box = useRef<HTMLDivElement>(null);
  const field = useRef<HTMLDivElement>(null);
  const hint = useId();
  const [isWrapped, setWrapped] = useState(true);
  const follow = useFollow(box, shortcuts);
  const { isFollowing, pause, goLive } = follow;
  const keys = useLineKeys(box, rows, follow);
  // One selection at a time: the last one is what is shared.
  const selecting = useSelection(box, rows, () => {
    pause();
    keys.drop();
  });
  const heldIndex = selecting.heldKey === undefined ? -1 : rows.findIndex(({ key }) => key === selecting.heldKey);
  const { at, range = [-1, -1] } = keys;
  const shown = useRowWindow({
    box,
    rows,
    version: output,
    isFollowing,
    isWrapped,
    held: [heldIndex === -1 ? undefined : heldIndex, at],
  });
  const { show, first } = shown;
  const go = useCallback(
    (index: number) => {
      pause();
      show(index, 'center');
    },
    [pause, show],
  );
  useGoTo(rows, goTo, go);
  const finding = useFind(rows, output, go);
  const share = (): void => {
    const [top, end] = [rows[first() ?? 0], rows[Math.min(rows.length, (first() ?? 0) + seenRows) - 1]];
    const seen =
      top === undefined || end === undefined
        ? undefined
        : rowsBetween(rows, { key: top.key, offset: 0 }, { key: end.key, offset: 0 });
    const shared = keys.selected() ?? selecting.selected() ?? seen;
    if (shared !== undefined) onShare?.(shared);
  };
  const open = useCallback((key: string) => void onOpen(key), [onOpen]);
  // A button goes with its row, and a row with what is kept: whoever is there by keys stays in the output.
  useKeptFocus(box, () => box.current);
  useReading({ rows, isFollowing, first, onOpen, onRead });
  useFindKey(field);

  const isSharedByKey = shortcuts !== 'none' && onShare !== undefined && rows.length > 0;
  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
    // What a pointer began to select, the browser itself extends.
    const isExtending = event.shiftKey && selecting.heldKey !== undefined;
    if (!isExtending && keys.go(event, shown)) {
      event.preventDefault();
      if (selecting.heldKey !== undefined) getSelection()?.removeAllRanges();
    } else if (event.key === 'Escape' && keys.drop()) {
      event.preventDefault();
    } else if (event.key.toLowerCase() === 's' && isSharedByKey) {
      event.preventDefault();
      share();
    } else if (event.key === 'End') {
      event.preventDefault();
      keys.drop();
      goLive();
    } else if (event.key === 'Home') {
      event.preventDefault();
      keys.drop();
      pause();
      void onOpenStart().then(() => box.current?.scrollTo({ top: 0 }));
    }
  };
  const tools = (
    <>
      <div ref={field} className={styles.find}>
        <Search
          label="Find in output"
          placeholder="Find"
          value={finding.typed}
          onChange={finding.setTyped}
          onEnter={(isBack) => finding.step(isBack ? -1 : 1)}
        />
      </div>
      <ToggleButton className={styles.toggle ?? ''} isSelected={isWrapped} onChange={setWrapped}>
        Wrap
      </ToggleButton>
      {onShare === undefined ? null : (
        <Button size="small" look="quiet" isDisabled={rows.length === 0} onPress={share}>
          <Icon name="share-2" size={14} />
          Share
        </Button>
      )}
      {foot.isGrowing ? (
        <Button size="small" look="quiet" onPress={isFollowing ? pause : goLive}>
          <Icon name={isFollowing ? 'pause' : 'play'} size={14} />
          {isFollowing ? 'Pause' : 'Go live'}
        </Button>
      ) : null}
    </>
  );
  return (
    <Panel title={title} note={note} ruled fills tools={tools}>
      {finding.needle === undefined ? null : (
        <FindBar finding={finding} hasOlder={output.hasOlder} onSearchOlder={onOpenAll} />
      )}
      {/* Lines are not announced one by one; the foot tells how many there are. */}
      {/* oxlint-disable-next-line jsx-a11y/no-noninteractive-element-interactions -- what scrolls hears the keys that scroll */}
      <div
        ref={box}
        className={styles.log}
        role="log"
        aria-live="off"
        aria-label={label}
        aria-describedby={hint}
        tabIndex={0}
        data-wrapped={isWrapped}
        style={{ '--digits': digitsOf(rows) } as CSSProperties}
        onScroll={follow.onScroll}
        onKeyDown={onKeyDown}
        onPointerDown={keys.drop}
        onCopy={selecting.onCopy}
      >
        {rows.length === 0 ? <div className={styles.empty}>{empty}</div> : null}
        <div
          className={styles.rows}
          style={{ height: shown.height }}
          {...(rows.length === 0 ? {} : gridOf(label, rows.length - shown.offset))}
        >
          {shown.items.map(({ index, start }) => {
            const row = rows[index];
            if (row === undefined) return null;
            return (
              <OutputRowView
                key={row.key}
                row={row}
                place={index - shown.offset}
                top={start}
                needle={finding.needle}
                isCurrent={row.key === finding.currentKey || row.key === goTo}
                isSelected={index >= range[0] && index <= range[1]}
                hasKeys={index === at}
                measure={shown.measure(row)}
                onOpen={open}
                onToggleFold={onToggleFold}
              />
            );
          })}
        </div>
      </div>
      <Foot
        foot={foot}
        follow={follow}
        arrived={output.arrived}
        selected={linesBetween(rows, ...range)}
        onShare={isSharedByKey ? share : undefined}
        hasShortcuts={shortcuts !== 'none'}
        hintId={hint}
      />
      <Announcer isFollowing={isFollowing} arrived={output.arrived} box={box} />
    </Panel>
  );
}

/** How many figures numbers have: those of the newest lines have most. None where no line has a number. */
function digitsOf(rows: readonly OutputRow[]): number {
  const numbered = rows.slice(-50).findLast((row) => row.kind === 'line' && row.number !== undefined);
  return numbered?.kind === 'line' ? Math.max(4, String(numbered.number).length) : 0;
}

/** Rows that keys go through and select, of which a few are drawn. */
function gridOf(label: string, count: number): HTMLAttributes<HTMLElement> {
  return { role: 'grid', 'aria-label': label, 'aria-multiselectable': true, 'aria-rowcount': count };
}

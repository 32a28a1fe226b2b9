// The messages of a room: the newest at the end, which is followed until somebody scrolls up; older ones are fetched as
// one comes near the top. Arrows go from message to message.

import type { ChatMessage } from '@telltale/hub/api';
import {
  useCallback,
  useEffect,
  useImperativeHandle,
  useLayoutEffect,
  useMemo,
  useRef,
  useState,
  type KeyboardEvent,
  type ReactElement,
  type Ref,
} from 'react';
import type { WaitingPost } from '../../live/chat/outbox.ts';
import type { RoomLog, RoomView } from '../../live/chat/room-log.ts';
import { Button } from '../../ui/button.tsx';
import { useFollow } from '../../ui/output/use-follow.ts';
import { counted } from '../../words/units.ts';
import { ChatRowView } from './chat-row.tsx';
import type { RoomContext } from './message.tsx';
import { changesByMessage } from './pending-model.ts';
import styles from './room.module.css';
import { rowsOf, type ChatRow } from './rows-model.ts';
import { useMessageWindow } from './use-message-window.ts';

export interface MessageListHandle {
  /** Shows the newest. */
  readonly toEnd: () => void;
  /** Gives the keys to the newest message. */
  readonly focus: () => void;
  readonly jump: (offset: number) => void;
}

/** So near the first row, in CSS pixels, older messages are fetched. */
const nearTop = 400;

export function MessageList({
  ref,
  view,
  log,
  waiting,
  room,
  title,
  myName,
  readUpTo,
  onFollow,
}: {
  readonly ref: Ref<MessageListHandle>;
  readonly view: RoomView;
  readonly log: RoomLog;
  readonly waiting: readonly WaitingPost[];
  readonly room: RoomContext;
  readonly title: string;
  readonly myName: string;
  readonly readUpTo: number | undefined;
  /** Whether the newest message is in view. */
  readonly onFollow: (isFollowing: boolean) => void;
}): ReactElement {
  const { messages } = view;
  const box = useRef<HTMLDivElement>(null);
  const { isFollowing, pause, goLive, onScroll } = useFollow(box, 'none');
  const rows = useMemo(
    () => rowsOf({ messages, waiting, readUpTo, me: room.me }),
    [messages, waiting, readUpTo, room.me],
  );
  const changes = useMemo(() => changesByMessage(waiting), [waiting]);
  const [current, setCurrent] = useState<string>();
  const [shown, setShown] = useState<{ readonly key: string; readonly isInSight: boolean }>();
  const currentIndex = current === undefined ? -1 : rows.findIndex(({ key }) => key === current);
  const drawn = useMessageWindow(box, rows, isFollowing, currentIndex === -1 ? undefined : currentIndex);
  const { show } = drawn;

  useEffect(() => onFollow(isFollowing), [onFollow, isFollowing]);
  // What was new when somebody scrolled away.
  const newest = messages.at(-1)?.offset ?? 0;
  const leftAt = useRef(newest);
  if (isFollowing) leftAt.current = newest;
  const fresh = isFollowing ? 0 : countAfter(messages, leftAt.current);

  useEffect(() => {
    if (!view.hasOlder || view.older.kind !== 'shut') return;
    // Who follows the newest is near the top only where a page does not fill the view.
    const isNear = isFollowing
      ? view.isKnown && drawn.height < (box.current?.clientHeight ?? 0)
      : (box.current?.scrollTop ?? Infinity) < nearTop;
    if (isNear) void log.openOlder();
  });

  const isJumping = useRef(false);
  const jump = useCallback(
    (offset: number): void => {
      if (isJumping.current) return;
      const key = String(offset);
      // Nothing to scroll: what comes is followed as before.
      if (isInSight(box.current, key)) {
        setShown({ key, isInSight: true });
        return;
      }
      isJumping.current = true;
      pause();
      void log.openTo(offset).then((isHere) => {
        isJumping.current = false;
        if (isHere) setShown({ key, isInSight: false });
      });
    },
    [log, pause],
  );
  useEffect(() => {
    if (shown === undefined) return undefined;
    const index = rows.findIndex(({ key }) => key === shown.key);
    if (index !== -1 && !shown.isInSight) show(index, 'center');
    setCurrent(undefined);
    const timer = setTimeout(() => setShown(undefined), 2_500);
    return () => clearTimeout(timer);
    // oxlint-disable-next-line react-hooks/exhaustive-deps -- gone to once, whatever comes meanwhile
  }, [shown]);

  const focusCurrent = useRef(false);
  useLayoutEffect(() => {
    if (!focusCurrent.current || current === undefined) return;
    const element = box.current?.querySelector<HTMLElement>(`[data-key="${CSS.escape(current)}"]`);
    if (element === null || element === undefined) return;
    focusCurrent.current = false;
    element.focus({ preventScroll: true });
  });
  const moveTo = (index: number): void => {
    const row = rows[index];
    if (row === undefined) return;
    focusCurrent.current = true;
    if (index < rows.length - 1) pause();
    show(index, 'auto');
    setCurrent(row.key);
    // The same one again draws nothing anew.
    if (row.key === current) {
      box.current?.querySelector<HTMLElement>(`[data-key="${CSS.escape(row.key)}"]`)?.focus({ preventScroll: true });
    }
  };
  useImperativeHandle(ref, () => ({
    toEnd: goLive,
    focus: () => moveTo(nextStop(rows, rows.length, -1)),
    jump,
  }));
  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
    const from = currentIndex === -1 ? rows.length : currentIndex;
    switch (event.key) {
      case 'ArrowUp':
        event.preventDefault();
        return moveTo(nextStop(rows, from, -1));
      case 'ArrowDown':
        event.preventDefault();
        return moveTo(nextStop(rows, from, 1));
      case 'End':
        event.preventDefault();
        return goLive();
      default:
    }
  };
  return (
    <div className={styles.list}>
      {/* What comes is told by the announcer, so that a flood is one sentence. */}
      {/* oxlint-disable-next-line jsx-a11y/no-noninteractive-element-interactions -- what scrolls hears the keys that scroll */}
      <div
        ref={box}
        className={styles.messages}
        role="log"
        aria-live="off"
        aria-label={`Messages in ${title}`}
        tabIndex={0}
        onScroll={onScroll}
        onKeyDown={onKeyDown}
      >
        <div className={styles.rows} style={{ height: drawn.height }}>
          {drawn.items.map(({ index, start }) => {
            const row = rows[index];
            if (row === undefined) return null;
            return (
              <ChatRowView
                key={row.key}
                row={row}
                index={index}
                top={start}
                measure={drawn.measure}
                isCurrent={row.key === current}
                isShown={row.key === shown?.key}
                changes={row.kind === 'message' ? (changes.get(row.message.offset) ?? none) : none}
                room={room}
                view={view}
                title={title}
                myName={myName}
                onOlder={() => void log.openOlder()}
                onFocus={() => setCurrent(row.key)}
              />
            );
          })}
        </div>
      </div>
      {isFollowing ? null : (
        <div className={styles.back}>
          <Button size="small" onPress={goLive}>
            {fresh > 0 ? counted(fresh, 'new', 'new') : 'To the newest'}
          </Button>
        </div>
      )}
    </div>
  );
}

const none: readonly WaitingPost[] = [];

/** Index of the next message in a direction; the same where there is none. */
function nextStop(rows: readonly ChatRow[], from: number, step: 1 | -1): number {
  for (let index = from + step; index >= 0 && index < rows.length; index += step) {
    const kind = rows[index]?.kind;
    if (kind === 'message' || kind === 'waiting') return index;
  }
  return from;
}

function isInSight(box: HTMLElement | null, key: string): boolean {
  const row = box?.querySelector(`[data-key="${CSS.escape(key)}"]`)?.getBoundingClientRect();
  if (box === null || row === undefined) return false;
  const { top, bottom } = box.getBoundingClientRect();
  return row.top >= top && row.bottom <= bottom;
}

function countAfter(messages: readonly ChatMessage[], offset: number): number {
  let count = 0;
  for (let index = messages.length - 1; index >= 0 && (messages[index]?.offset ?? 0) > offset; index -= 1) count += 1;
  return count;
}

// The messages of a room: the newest at the end, which is followed until somebody scrolls up; older ones, and in the past
// later ones, are fetched as one comes near them. Arrows go from message to message.

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
import { Icon } from '../../ui/icon.tsx';
import { useFollow } from '../../ui/output/use-follow.ts';
import { counted } from '../../words/units.ts';
import { ChatRowView } from './chat-row.tsx';
import { missedWords } from './chat-words.ts';
import type { RoomContext } from './message.tsx';
import { changesByMessage } from './pending-model.ts';
import styles from './room.module.css';
import { rowsOf, type ChatRow } from './rows-model.ts';
import { useJump } from './use-jump.ts';
import { useKeptFocus } from '../../ui/use-kept-focus.ts';
import { useMessageWindow } from './use-message-window.ts';

export interface MessageListHandle {
  /** Shows the newest. */
  readonly toEnd: () => void;
  /** Gives the keys to the newest message. */
  readonly focus: () => void;
  readonly jump: (offset: number) => void;
}

/** So near the first row, and the last one of the past, in CSS pixels, more messages are fetched. */
const nearEdge = 400;

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
  const { messages, newest, hasNewer } = view;
  const place = useRef<HTMLDivElement>(null);
  const box = useRef<HTMLDivElement>(null);
  const follow = useFollow(box, 'none');
  const { pause, goLive, onScroll } = follow;
  // The last message of the past is not the newest.
  const isFollowing = follow.isFollowing && !hasNewer;
  const rows = useMemo(
    () => rowsOf({ messages, waiting, readUpTo, me: room.me, hasNewer }),
    [messages, waiting, readUpTo, room.me, hasNewer],
  );
  const changes = useMemo(() => changesByMessage(waiting), [waiting]);
  const [current, setCurrent] = useState<string>();
  const currentIndex = current === undefined ? -1 : rows.findIndex(({ key }) => key === current);
  const drawn = useMessageWindow(box, rows, isFollowing, currentIndex === -1 ? undefined : currentIndex);
  const { show } = drawn;

  useEffect(() => onFollow(isFollowing), [onFollow, isFollowing]);
  useEffect(() => {
    if (hasNewer && follow.isFollowing) pause();
  }, [hasNewer, follow.isFollowing, pause]);
  // What was new when somebody scrolled away.
  const last = newest.at(-1)?.offset ?? 0;
  const leftAt = useRef(last);
  if (isFollowing) leftAt.current = last;
  const fresh = isFollowing ? 0 : countAfter(newest, leftAt.current);
  const isUncounted = (newest[0]?.offset ?? 0) > leftAt.current;

  useEffect(() => {
    if (!view.hasOlder || view.older.kind !== 'shut') return;
    // Who follows the newest is near the top only where a page does not fill the view.
    const isNear = isFollowing
      ? view.isKnown && drawn.height < (box.current?.clientHeight ?? 0)
      : (box.current?.scrollTop ?? Infinity) < nearEdge;
    if (isNear) void log.openOlder();
  });

  useEffect(() => {
    const element = box.current;
    if (!hasNewer || view.newer.kind !== 'shut' || element === null) return;
    if (element.scrollHeight - element.clientHeight - element.scrollTop < nearEdge) void log.openNewer();
  });

  const jump = useJump(box, log, pause);
  const { shown, missed } = jump;
  useEffect(() => {
    if (shown === undefined) return;
    const index = rows.findIndex(({ key }) => key === shown.key);
    if (index !== -1 && !shown.isInSight) {
      // Again: a room that was just opened has come to its end since, which follows.
      pause();
      show(index, 'center');
    }
    setCurrent(undefined);
    // oxlint-disable-next-line react-hooks/exhaustive-deps -- gone to once, whatever comes meanwhile
  }, [shown]);
  const toEnd = useCallback(() => {
    void log.toNewest().then(goLive);
  }, [log, goLive]);

  const rowOf = (key: string | undefined): HTMLElement | null | undefined =>
    key === undefined ? undefined : box.current?.querySelector<HTMLElement>(`[data-key="${CSS.escape(key)}"]`);
  const focusCurrent = useRef(false);
  useLayoutEffect(() => {
    const element = focusCurrent.current ? rowOf(current) : undefined;
    if (element === null || element === undefined) return;
    focusCurrent.current = false;
    element.focus({ preventScroll: true });
  });
  // A message that is deleted loses its tools, one that is let go itself.
  useKeptFocus(place, () => rowOf(current) ?? box.current);
  const moveTo = (index: number): void => {
    const row = rows[index];
    if (row === undefined) return;
    focusCurrent.current = true;
    if (index < rows.length - 1) pause();
    show(index, 'auto');
    setCurrent(row.key);
    // The same one again draws nothing anew.
    if (row.key === current) rowOf(row.key)?.focus({ preventScroll: true });
  };
  useImperativeHandle(ref, () => ({
    toEnd,
    focus: () => moveTo(nextStop(rows, rows.length, -1)),
    jump: jump.to,
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
        return toEnd();
      default:
    }
  };
  return (
    <div className={styles.list} ref={place}>
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
                onNewer={() => void log.openNewer()}
                onFocus={() => setCurrent(row.key)}
              />
            );
          })}
        </div>
      </div>
      <div className={styles.back}>
        <div role="status" className={styles.missed}>
          {missed === undefined ? null : (
            <p>
              {missedWords(missed)}
              {missed.kind === 'failed' ? (
                <Button size="small" onPress={() => jump.to(missed.offset)}>
                  Try again
                </Button>
              ) : null}
              <Button look="quiet" size="small" icon label="Close notice" onPress={jump.forget}>
                <Icon name="x" size={14} />
              </Button>
            </p>
          )}
        </div>
        {isFollowing ? null : (
          <Button
            size="small"
            onPress={() => {
              // The button is gone then.
              box.current?.focus({ preventScroll: true });
              toEnd();
            }}
          >
            {fresh > 0 ? `${counted(fresh, 'new', 'new')}${isUncounted ? ' or more' : ''}` : 'To the newest'}
          </Button>
        )}
      </div>
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

function countAfter(messages: readonly ChatMessage[], offset: number): number {
  let count = 0;
  for (let index = messages.length - 1; index >= 0 && (messages[index]?.offset ?? 0) > offset; index -= 1) count += 1;
  return count;
}

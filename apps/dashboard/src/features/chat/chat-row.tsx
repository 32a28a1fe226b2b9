// One row of a room, in its place: a day, where the unread begins, a message, what waits, or what is above the first one and below
// the last one.

import type { ReactElement } from 'react';
import type { WaitingPost } from '../../live/chat/outbox.ts';
import type { PageState, RoomView } from '../../live/chat/room-log.ts';
import { Button } from '../../ui/button.tsx';
import { Thread } from '../../ui/thread.tsx';
import { Message, type RoomContext } from './message.tsx';
import styles from './room.module.css';
import { dayWords, type ChatRow } from './rows-model.ts';
import { WaitingMessage } from './waiting-line.tsx';

export interface ChatRowProps {
  readonly row: ChatRow;
  readonly index: number;
  /** Its distance from the first row, in CSS pixels. */
  readonly top: number;
  readonly measure: (element: HTMLElement | null) => void;
  readonly isCurrent: boolean;
  readonly isShown: boolean;
  readonly changes: readonly WaitingPost[];
  readonly room: RoomContext;
  readonly view: RoomView;
  readonly title: string;
  readonly myName: string;
  readonly onOlder: () => void;
  readonly onNewer: () => void;
  readonly onFocus: () => void;
}

export function ChatRowView(props: ChatRowProps): ReactElement {
  const { row, index, top, measure, onFocus } = props;
  const isStop = row.kind === 'message' || row.kind === 'waiting';
  return (
    <div
      ref={measure}
      className={styles.row}
      data-index={index}
      data-key={row.key}
      data-kind={row.kind}
      role={isStop ? 'article' : undefined}
      tabIndex={isStop ? -1 : undefined}
      style={{ transform: `translateY(${top}px)` }}
      onFocus={isStop ? onFocus : undefined}
    >
      <Inside {...props} />
    </div>
  );
}

function Inside(props: ChatRowProps): ReactElement {
  const { row, isCurrent, isShown, changes, room, view, title, myName, onOlder, onNewer } = props;
  switch (row.kind) {
    case 'top':
      return <Top view={view} title={title} onOlder={onOlder} />;
    case 'day':
      return <div className={styles.day}>{dayWords(row.at, Date.now())}</div>;
    case 'unread':
      return (
        <div className={styles.day} data-unread>
          New
        </div>
      );
    case 'message':
      return (
        <Message
          message={row.message}
          quoted={row.quoted}
          isFirst={row.isFirst}
          isCurrent={isCurrent}
          isShown={isShown}
          changes={changes}
          room={room}
        />
      );
    case 'waiting':
      return <WaitingMessage post={row.post} isFirst={row.isFirst} name={myName} room={room} />;
    case 'end':
      return <End newer={view.newer} onNewer={onNewer} />;
  }
}

function Top({
  view: { isKnown, hasOlder, older, problem, messages },
  title,
  onOlder,
}: {
  readonly view: RoomView;
  readonly title: string;
  readonly onOlder: () => void;
}): ReactElement {
  if (older.kind === 'failed') return <NotLoaded what="Earlier messages" why={older.why} onAgain={onOlder} />;
  if (!isKnown) {
    return (
      <div className={styles.top}>
        <Thread state="none" /> {problem ?? 'no data yet'}
      </div>
    );
  }
  if (hasOlder) return <div className={styles.top}>{older.kind === 'opening' ? 'Earlier messages' : ''}</div>;
  return (
    <div className={styles.top}>
      {messages.length === 0 ? `Nobody has said anything in ${title} so far.` : `The beginning of ${title}.`}
    </div>
  );
}

function End({ newer, onNewer }: { readonly newer: PageState; readonly onNewer: () => void }): ReactElement {
  if (newer.kind === 'failed') return <NotLoaded what="Later messages" why={newer.why} onAgain={onNewer} />;
  return <div className={styles.top}>{newer.kind === 'opening' ? 'Later messages' : ''}</div>;
}

function NotLoaded({
  what,
  why,
  onAgain,
}: {
  readonly what: string;
  readonly why: string;
  readonly onAgain: () => void;
}): ReactElement {
  return (
    <div className={styles.top}>
      <span>
        {what} were not loaded. {why}
      </span>
      <Button size="small" onPress={onAgain}>
        Try again
      </Button>
    </div>
  );
}

// One message: who and when, what it answers, its text, what it points at, reactions, and what one can do with it. A text
// or a name of somebody else's choice reaches the page as React text alone.

import type { ChatMessage } from '@telltale/hub/api';
import { memo, useState, type ReactElement } from 'react';
import type { WaitingPost } from '../../live/chat/outbox.ts';
import { personName } from '../../words/name.ts';
import { clockMinute, dayAndTime } from '../../words/time.ts';
import { AgentMark } from './agent-mark.tsx';
import { MessageCard } from './cards/message-card.tsx';
import { quoteWords } from './chat-words.ts';
import { MessageText, type NameLook } from './message-text.tsx';
import { MessageTools, type Doing } from './message-tools.tsx';
import { withChanges } from './pending-model.ts';
import { Reactions } from './reactions.tsx';
import styles from './room.module.css';
import { WaitingLine } from './waiting-line.tsx';

/** What a message needs of its room; the same object while nothing of it changes. */
export interface RoomContext {
  readonly name: string;
  readonly me: string | undefined;
  /** Whether this person may delete what others said. */
  readonly isOperator: boolean;
  /** Whether this person may say something here. */
  readonly mayWrite: boolean;
  readonly isUp: boolean;
  readonly lookOf: (name: string) => NameLook;
  /** What somebody with this id is called; undefined: nobody here knows. */
  readonly nameOf: (id: string) => string | undefined;
  readonly onJump: (offset: number) => void;
  readonly onReact: (message: ChatMessage, emoji: string, isOn: boolean) => void;
  readonly onAnswer: (message: ChatMessage) => void;
  readonly onEdit: (message: ChatMessage) => void;
  readonly onRemove: (message: ChatMessage) => void;
  readonly onTakeBack: (post: WaitingPost) => void;
  readonly onAgain: (key: string) => void;
  readonly onDiscard: (key: string) => void;
}

export interface MessageProps {
  readonly message: ChatMessage;
  /** What it answers, where that is here. */
  readonly quoted: ChatMessage | undefined;
  readonly isFirst: boolean;
  /** The keys are on it. */
  readonly isCurrent: boolean;
  /** It was gone to. */
  readonly isShown: boolean;
  readonly changes: readonly WaitingPost[];
  readonly room: RoomContext;
}

/** Drawn again only when one of these changes. */
export const Message: (props: MessageProps) => ReactElement = memo(
  ({ message, quoted, isFirst, isCurrent, isShown, changes, room }: MessageProps): ReactElement => {
    const [isOver, setOver] = useState(false);
    const [isPicking, setPicking] = useState(false);
    const { me } = room;
    const shown = me === undefined || changes.length === 0 ? message : withChanges(message, changes, me);
    const isOwn = message.from.id === me;
    const isNamed = me !== undefined && message.mentions.includes(me);
    const doing =
      message.deleted === null && (isOver || isCurrent || isPicking) ? doingOf(shown, isOwn, room) : undefined;
    return (
      <div
        className={styles.message}
        data-first={isFirst}
        data-named={isNamed || undefined}
        data-shown={isShown || undefined}
        onPointerEnter={() => setOver(true)}
        onPointerLeave={() => setOver(false)}
      >
        {isFirst ? <Head message={message} /> : null}
        {message.reply === null ? null : <Answered offset={message.reply} answered={quoted} room={room} />}
        {shown.deleted === null ? (
          <Body message={shown} room={room} />
        ) : (
          <p className={styles.deleted}>
            {shown.deleted.by === message.from.id
              ? 'Deleted'
              : `Deleted by ${room.nameOf(shown.deleted.by) ?? 'an operator'}`}
          </p>
        )}
        <Reactions
          message={shown}
          me={me}
          nameOf={room.nameOf}
          onReact={room.mayWrite ? (emoji, isOn) => room.onReact(message, emoji, isOn) : undefined}
        />
        {changes.map((post) => (
          <WaitingLine key={post.key} post={post} room={room} />
        ))}
        {doing === undefined ? null : <MessageTools doing={doing} onOpen={setPicking} />}
      </div>
    );
  },
) as unknown as (props: MessageProps) => ReactElement;

/** Undefined: nothing. What was said can be deleted also where nothing more may be said. */
function doingOf(message: ChatMessage, isOwn: boolean, room: RoomContext): Doing | undefined {
  const { mayWrite } = room;
  const remove = isOwn || room.isOperator ? () => room.onRemove(message) : undefined;
  if (!mayWrite && remove === undefined) return undefined;
  return {
    react: mayWrite ? (emoji, isOn) => room.onReact(message, emoji, isOn) : undefined,
    answer: mayWrite ? () => room.onAnswer(message) : undefined,
    edit: mayWrite && isOwn ? () => room.onEdit(message) : undefined,
    remove,
  };
}

function Head({ message: { from, time } }: { readonly message: ChatMessage }): ReactElement {
  return (
    <div className={styles.by}>
      <bdi title={from.name === null ? undefined : personName(from.name)}>{personName(from.subject)}</bdi>
      <AgentMark kind={from.kind} />
      <time title={dayAndTime(time)}>{clockMinute(time)}</time>
    </div>
  );
}

function Answered({
  offset,
  answered,
  room,
}: {
  readonly offset: number;
  readonly answered: ChatMessage | undefined;
  readonly room: RoomContext;
}): ReactElement {
  return (
    <button type="button" className={styles.quote} onClick={() => room.onJump(offset)}>
      {answered === undefined ? (
        'an earlier message'
      ) : (
        <>
          <bdi className={styles.quoted}>{personName(answered.from.subject)}</bdi>{' '}
          <AgentMark kind={answered.from.kind} /> <bdi>{quoteWords(answered)}</bdi>
        </>
      )}
    </button>
  );
}

function Body({ message, room }: { readonly message: ChatMessage; readonly room: RoomContext }): ReactElement {
  const { offset, text, card, editedAt } = message;
  return (
    <>
      {text === '' ? null : <MessageText text={text} lookOf={room.lookOf} />}
      {editedAt === null ? null : (
        <span className={styles.edited} title={dayAndTime(editedAt)}>
          changed
        </span>
      )}
      {card === null ? null : <MessageCard card={card} place={{ room: room.name, offset }} />}
    </>
  );
}

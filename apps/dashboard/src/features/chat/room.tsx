// One room: its messages, who types, and the field. Beside any page and on its own page it is the same.

import type { ChatMessage, PresenceRow } from '@telltale/hub/api';
import { mentionKey } from '@telltale/hub/mention';
import { hasScope } from '@telltale/protocol';
import { useCallback, useEffect, useMemo, useRef, useState, type ReactElement } from 'react';
import { useChat, useFacts, usePresence, useRoom, useWaiting } from '../../live/chat/use-chat.ts';
import { useHubNow, useLine } from '../../live/live.tsx';
import { useRole, useSession } from '../../session/use-session.ts';
import { Notice } from '../../ui/notice.tsx';
import { personName } from '../../words/name.ts';
import { typingWords } from './chat-words.ts';
import { ComposerField } from './composer.tsx';
import { KeptDraft } from './kept-draft.tsx';
import { peopleOf, type Person } from './mention-model.ts';
import { MessageList, type MessageListHandle } from './message-list.tsx';
import type { RoomContext } from './message.tsx';
import type { OfferedRoom } from './rooms-model.ts';
import { RoomAnnouncer } from './room-announcer.tsx';
import styles from './room.module.css';
import { useComposer } from './use-composer.ts';
import { useHere } from './use-here.ts';
import { WaitingMessage } from './waiting-line.tsx';

/** Made anew for each room: `key` is its name. */
export function Room({
  room,
  offered,
  goTo,
}: {
  readonly room: string;
  readonly offered: OfferedRoom | undefined;
  /** The message that an address asks for, by its offset; another object whenever it is asked for. */
  readonly goTo?: { readonly at: number } | undefined;
}): ReactElement {
  const { me, attendance, outbox } = useChat();
  const { view, log } = useRoom(room);
  const waiting = useWaiting(room);
  const present = usePresence(room);
  const { isUp } = useLine();
  const { state: session } = useSession();
  const role = useRole();
  const composer = useComposer(room);
  const list = useRef<MessageListHandle>(null);
  const here = useHere();
  const [isFollowing, setFollowing] = useState(true);
  const readUpTo = useReadUpTo(room);
  const { messages, newest, denied } = view;
  const title = offered?.title ?? room;
  const isOperator = me !== undefined && role !== undefined && hasScope({ scope: role }, 'operator');
  const closed = whyClosed(me, offered, isOperator);
  const mayWrite = closed === undefined;

  useEffect(() => {
    attendance.state(room, here.state);
  }, [attendance, room, here.state]);
  // Apart from the state: one who comes back is still in the room, and has to be told of.
  useEffect(() => () => attendance.state(undefined, 'here'), [attendance, room]);
  const last = newest.at(-1)?.offset;
  useEffect(() => {
    if (last !== undefined && here.isReading && isFollowing) attendance.read(room, last);
  }, [attendance, room, last, here.isReading, isFollowing, isUp]);

  const gone = useRef<typeof goTo>(undefined);
  useEffect(() => {
    if (goTo === undefined || !view.isKnown || gone.current === goTo) return;
    gone.current = goTo;
    list.current?.jump(goTo.at);
  }, [goTo, view.isKnown]);

  const people = usePeople(messages, present);
  const latest = useRef(messages);
  latest.current = messages;
  const { answer, edit, takeBack } = composer;
  const context = useMemo<RoomContext>(() => {
    const names = new Map(people.map(({ id, subject }) => [id, personName(subject)]));
    const known = new Set(people.map(({ subject }) => mentionKey(subject)));
    const mine = session.kind === 'signed-in' ? mentionKey(session.me.username) : undefined;
    return {
      name: room,
      me,
      isOperator,
      mayWrite,
      isUp,
      lookOf: (name) => (mentionKey(name) === mine ? 'me' : known.has(mentionKey(name)) ? 'named' : 'word'),
      nameOf: (id) => names.get(id),
      onJump: (offset) => list.current?.jump(offset),
      onReact: ({ offset }, emoji, isOn) => outbox.act(room, { type: 'reacted', message: offset, emoji, on: isOn }),
      onAnswer: answer,
      onEdit: edit,
      onRemove: ({ offset }) => outbox.act(room, { type: 'deleted', message: offset }),
      onTakeBack(written) {
        const { post } = written;
        const about = 'message' in post ? post.message : post.reply;
        takeBack(
          written,
          latest.current.find(({ offset }) => offset === about),
        );
      },
      onAgain: outbox.again,
      onDiscard: outbox.discard,
    };
  }, [people, session, me, isOperator, mayWrite, isUp, outbox, room, answer, edit, takeBack]);
  const { follow } = log;
  const onFollow = useCallback(
    (following: boolean) => {
      setFollowing(following);
      follow(following);
    },
    [follow],
  );

  if (denied !== undefined) {
    return (
      <div className={styles.notice}>
        <Notice kind="refused" title={`Refused: no right to this room, ${denied.code}`}>
          {denied.reason}
        </Notice>
        {waiting.map((post, index) => (
          <WaitingMessage
            key={post.key}
            post={post}
            isFirst={index === 0}
            name={session.kind === 'signed-in' ? session.me.username : ''}
            room={context}
          />
        ))}
        <KeptDraft composer={composer} />
      </div>
    );
  }
  return (
    <div className={styles.room}>
      <MessageList
        ref={list}
        view={view}
        log={log}
        waiting={waiting}
        room={context}
        title={title}
        myName={session.kind === 'signed-in' ? session.me.username : ''}
        readUpTo={readUpTo}
        onFollow={onFollow}
      />
      <Typing present={present} me={me} />
      {closed === undefined ? (
        <ComposerField
          composer={composer}
          title={title}
          people={people}
          me={me}
          onSent={() => list.current?.toEnd()}
          onUp={() => list.current?.focus()}
        />
      ) : (
        <div className={styles.closed}>
          <p>{closed}</p>
          <KeptDraft composer={composer} />
        </div>
      )}
      <RoomAnnouncer messages={newest} isKnown={view.isKnown} me={me} />
    </div>
  );
}

function whyClosed(me: string | undefined, offered: OfferedRoom | undefined, isOperator: boolean): string | undefined {
  if (me === undefined) return 'Sign in to write here.';
  if (offered?.isArchived === true) return 'This room is archived: it is read, and nobody writes here any more.';
  if (offered?.isForOperators === true && !isOperator) return 'Operators write here; you read.';
  return undefined;
}

function Typing({
  present,
  me,
}: {
  readonly present: readonly PresenceRow[];
  readonly me: string | undefined;
}): ReactElement {
  const now = useHubNow(1_000);
  return (
    <p className={styles.presence} data-testid="chat-typing">
      {typingWords(present, me, now)}
    </p>
  );
}

function usePeople(messages: readonly ChatMessage[], present: readonly PresenceRow[]): readonly Person[] {
  const said = useRef('');
  const held = useRef<readonly Person[]>([]);
  const people = useMemo(() => peopleOf(messages, present), [messages, present]);
  // The same list while nobody came or went, so that messages need not be drawn anew.
  const ids = people.map(({ id }) => id).join(' ');
  if (ids !== said.current) {
    said.current = ids;
    held.current = people;
  }
  return held.current;
}

/** How far this person had read when they came into the room; undefined: that is not known, so nothing is marked. */
function useReadUpTo(room: string): number | undefined {
  const facts = useFacts();
  const begun = useRef<number>(undefined);
  begun.current ??= facts.flatMap((fact) => (fact.type === 'room' && fact.room === room ? [fact.read] : []))[0];
  return begun.current;
}

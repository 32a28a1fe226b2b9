// What somebody writes in a room: the draft, which a reload keeps, an answer, a message of theirs that they change, and
// what they share. Sending hands it to the outbox, which keeps it until the hub has it.

import type { ChatCard, ChatMessage } from '@telltale/hub/api';
import { useCallback, useMemo, useRef, useState } from 'react';
import { useChat } from '../../live/chat/use-chat.ts';
import { mostWaiting, type WaitingPost } from '../../live/chat/outbox.ts';
import { dropCard, shareCard, useChatSide } from './chat-side.ts';
import { mostCharacters, shareWords, tooLong } from './chat-words.ts';

export interface Composer {
  readonly text: string;
  readonly type: (text: string) => void;
  readonly card: ChatCard | undefined;
  readonly dropCard: () => void;
  /** The message it answers. */
  readonly reply: ChatMessage | undefined;
  readonly answer: (message: ChatMessage | undefined) => void;
  /** The message that is changed; what was begun before comes back afterwards. */
  readonly editing: ChatMessage | undefined;
  readonly edit: (message: ChatMessage | undefined) => void;
  /** Takes a refused post back to be written anew. `about`: the message that it changes or answers. */
  readonly takeBack: (post: WaitingPost, about: ChatMessage | undefined) => void;
  /** Why it can't be sent. */
  readonly fault: string | undefined;
  /** Whether it was taken. */
  readonly send: () => boolean;
  /** Rises when the field is to take the keys. */
  readonly asked: number;
}

export function useComposer(room: string): Composer {
  const { drafts, outbox, attendance } = useChat();
  const { card, asked } = useChatSide();
  const [draft, setDraft] = useState(() => drafts.get(room));
  const [reply, setReply] = useState<ChatMessage>();
  const [changing, setChanging] = useState<{ readonly message: ChatMessage; readonly text: string }>();
  const [turns, setTurns] = useState(0);
  const [isFull, setFull] = useState(false);
  const text = changing?.text ?? draft;
  // For what is handed to every message: the same function whatever is typed.
  const latest = useRef({ draft, changing });
  latest.current = { draft, changing };
  const over = text.length - mostCharacters;
  const turn = useCallback(() => setTurns((before) => before + 1), []);

  const type = useCallback(
    (next: string): void => {
      setFull(false);
      if (changing !== undefined) {
        setChanging({ ...changing, text: next });
        drafts.set(changeOf(room, changing.message), next === changing.message.text ? '' : next);
        return;
      }
      setDraft(next);
      drafts.set(room, next);
      attendance.typing(room, next.trim() !== '');
    },
    [changing, drafts, room, attendance],
  );
  const answer = useCallback(
    (message: ChatMessage | undefined): void => {
      setReply(message);
      turn();
    },
    [turn],
  );
  const edit = useCallback(
    (message: ChatMessage | undefined): void => {
      if (message === undefined) {
        const { changing: left } = latest.current;
        if (left !== undefined) drafts.set(changeOf(room, left.message), '');
        setChanging(undefined);
      } else {
        const begun = drafts.get(changeOf(room, message));
        setChanging({ message, text: begun === '' ? message.text : begun });
      }
      turn();
    },
    [drafts, room, turn],
  );
  const takeBack = useCallback(
    (post: WaitingPost, about: ChatMessage | undefined): void => {
      const written = post.post;
      if (!('text' in written)) return;
      if (written.type === 'edited') {
        if (about === undefined || written.text === null) return;
        drafts.set(changeOf(room, about), written.text);
        setChanging({ message: about, text: written.text });
        outbox.discard(post.key);
        turn();
        return;
      }
      // A change that is begun waits in its draft.
      setChanging(undefined);
      if (about !== undefined) setReply(about);
      // Nothing that is begun is lost for it.
      const joined = [latest.current.draft, written.text].filter((part) => part.trim() !== '').join('\n');
      setDraft(joined);
      drafts.set(room, joined);
      if ('card' in written && written.card !== undefined) shareCard(written.card);
      outbox.discard(post.key);
      turn();
    },
    [drafts, outbox, room, turn],
  );
  const send = useCallback((): boolean => {
    const bare = text.trim();
    if (text.length > mostCharacters) return false;
    if (changing !== undefined) {
      if (bare === '') return false;
      const { offset, text: before } = changing.message;
      if (bare !== before && !outbox.post(room, { type: 'edited', message: offset, text: bare })) {
        setFull(true);
        return false;
      }
      drafts.set(changeOf(room, changing.message), '');
      setChanging(undefined);
      return true;
    }
    if (bare === '' && card === undefined) return false;
    const isTaken = outbox.post(room, {
      type: 'said',
      text: bare === '' && card !== undefined ? shareWords(card) : bare,
      ...(reply === undefined ? {} : { reply: reply.offset }),
      ...(card === undefined ? {} : { card }),
    });
    setFull(!isTaken);
    if (!isTaken) return false;
    attendance.typing(room, false);
    drafts.set(room, '');
    setDraft('');
    setReply(undefined);
    dropCard();
    return true;
  }, [text, changing, card, reply, outbox, room, drafts, attendance]);

  const fault = over > 0 ? tooLong(over) : isFull ? `${mostWaiting} messages wait already` : undefined;
  return useMemo(
    () => ({
      text,
      type,
      card: changing === undefined ? card : undefined,
      dropCard,
      reply: changing === undefined ? reply : undefined,
      answer,
      editing: changing?.message,
      edit,
      takeBack,
      fault,
      send,
      asked: asked + turns,
    }),
    [text, type, card, changing, reply, answer, edit, takeBack, fault, send, asked, turns],
  );
}

/** The name of a begun change among the drafts; no room is called so. */
function changeOf(room: string, { offset }: ChatMessage): string {
  return `edit/${room}/${offset}`;
}

// What somebody writes in a room: the draft with the message it answers, which a reload keeps, a message of theirs that
// they change, and what they share. Sending hands it to the outbox, which keeps it until the hub has it.

import type { ChatCard, ChatMessage } from '@telltale/hub/api';
import { useCallback, useMemo, useState } from 'react';
import type { Draft, Quoted } from '../../live/chat/drafts.ts';
import { fullWords, type WaitingPost } from '../../live/chat/outbox.ts';
import { useChat } from '../../live/chat/use-chat.ts';
import { restoreCard, useChatSide } from './chat-side.ts';
import { mostCharacters, quoteWords, shareWords, tooLong } from './chat-words.ts';
import { useChanging } from './use-changing.ts';
import { useDraft, useSharedCard } from './use-draft.ts';

export interface Composer {
  readonly text: string;
  readonly type: (text: string) => void;
  readonly card: ChatCard | undefined;
  readonly dropCard: () => void;
  /** The message it answers. */
  readonly reply: Quoted | undefined;
  readonly answer: (message: ChatMessage | undefined) => void;
  /** A message is changed; what was begun before comes back afterwards. */
  readonly isChanging: boolean;
  readonly edit: (message: ChatMessage | undefined) => void;
  /** Takes a refused post back to be written anew. `about`: the message that it changes or answers, where it is here. */
  readonly takeBack: (post: WaitingPost, about: ChatMessage | undefined) => void;
  /** Everything that is begun here, for where nobody can write any more. */
  readonly begun: readonly string[];
  readonly forget: () => void;
  /** Why it can't be sent. */
  readonly fault: string | undefined;
  /** Undefined: what is typed is kept. */
  readonly unkept: string | undefined;
  /** Whether it was taken. */
  readonly send: () => boolean;
  /** Rises when the field is to take the keys. */
  readonly asked: number;
}

export function useComposer(room: string): Composer {
  const { outbox, attendance } = useChat();
  const { asked } = useChatSide();
  const { card, drop: dropCard } = useSharedCard();
  const { draft, latest, put, isKept } = useDraft(room);
  const { changing, begin, write, end, isKept: isChangeKept } = useChanging(room, { latest, put });
  const [turns, setTurns] = useState(0);
  const [isFull, setFull] = useState(false);
  const text = changing?.text ?? draft.text;
  const over = text.length - mostCharacters;
  const turn = useCallback(() => setTurns((before) => before + 1), []);

  const type = useCallback(
    (next: string): void => {
      setFull(false);
      if (changing !== undefined) {
        write(next);
        return;
      }
      put({ ...latest(), text: next });
      attendance.typing(room, next.trim() !== '');
    },
    [changing, write, put, latest, room, attendance],
  );
  const answer = useCallback(
    (message: ChatMessage | undefined): void => {
      put(withReply(latest(), message === undefined ? undefined : quotedOf(message)));
      turn();
    },
    [latest, put, turn],
  );
  const edit = useCallback(
    (message: ChatMessage | undefined): void => {
      if (message === undefined) end('dropped');
      else begin(message.offset, message.text);
      turn();
    },
    [begin, end, turn],
  );
  const takeBack = useCallback(
    (post: WaitingPost, about: ChatMessage | undefined): void => {
      const written = post.post;
      if (!('text' in written)) return;
      if (written.type === 'edited') {
        begin(written.message, about?.text, written.text);
      } else {
        // A change that is begun waits in its draft.
        end('put aside');
        const { text: begun, reply: answered } = latest();
        // Nothing that is begun is lost for it.
        const joined = [begun, written.text].filter((part) => part.trim() !== '').join('\n');
        const { reply } = written;
        const far = reply === undefined ? answered : { offset: reply, words: 'an earlier message' };
        put(withReply({ ...latest(), text: joined }, about === undefined ? far : quotedOf(about)));
        if (written.card !== undefined) restoreCard(written.card);
      }
      outbox.discard(post.key);
      turn();
    },
    [begin, end, latest, put, outbox, turn],
  );
  const send = useCallback((): boolean => {
    const bare = text.trim();
    if (text.length > mostCharacters) return false;
    if (changing !== undefined) {
      if (bare === '') return false;
      const { offset, before } = changing;
      if (bare !== before && !outbox.post(room, { type: 'edited', message: offset, text: bare })) {
        setFull(true);
        return false;
      }
      end('sent');
      return true;
    }
    if (bare === '' && card === undefined) return false;
    const { reply } = latest();
    const isTaken = outbox.post(room, {
      type: 'said',
      text: bare === '' && card !== undefined ? shareWords(card) : bare,
      ...(reply === undefined ? {} : { reply: reply.offset }),
      ...(card === undefined ? {} : { card }),
    });
    setFull(!isTaken);
    if (!isTaken) return false;
    attendance.typing(room, false);
    put({ text: '' });
    dropCard();
    return true;
  }, [text, changing, card, latest, outbox, room, put, end, attendance, dropCard]);
  const forget = useCallback((): void => {
    end('dropped');
    put({ text: '' });
  }, [end, put]);

  const fault = over > 0 ? tooLong(over) : isFull ? fullWords : undefined;
  const isLost = text !== '' && !(changing === undefined ? isKept : isChangeKept);
  return useMemo(
    () => ({
      text,
      type,
      card: changing === undefined ? card : undefined,
      dropCard,
      reply: changing === undefined ? draft.reply : undefined,
      answer,
      isChanging: changing !== undefined,
      edit,
      takeBack,
      begun: [draft.text, changing?.text ?? ''].filter((part) => part.trim() !== ''),
      forget,
      fault,
      unkept: isLost ? 'this browser keeps nothing, so do not leave the page' : undefined,
      send,
      asked: asked + turns,
    }),
    [text, type, card, dropCard, changing, draft, answer, edit, takeBack, forget, fault, isLost, send, asked, turns],
  );
}

function quotedOf(message: ChatMessage): Quoted {
  const { offset, from } = message;
  return { offset, subject: from.subject, kind: from.kind, words: quoteWords(message) };
}

function withReply({ reply: _before, ...draft }: Draft, reply: Quoted | undefined): Draft {
  return reply === undefined ? draft : { ...draft, reply };
}

// Tells a screen reader of new messages, politely: one by one where they are few, how many where they are many, and none of
// one's own.

import type { ChatMessage } from '@telltale/hub/api';
import { useEffect, useRef, useState, type ReactElement } from 'react';
import { announcement } from './chat-words.ts';

/** Not more often than this, in milliseconds. */
const apartMs = 2_500;

export function RoomAnnouncer({
  messages,
  isKnown,
  me,
}: {
  readonly messages: readonly ChatMessage[];
  readonly isKnown: boolean;
  readonly me: string | undefined;
}): ReactElement {
  const [said, setSaid] = useState({ words: '', turn: 0 });
  const told = useRef<number>(undefined);
  const toldAt = useRef(0);
  const newest = messages.at(-1)?.offset ?? 0;
  // What is there when the room is opened is no news.
  if (isKnown) told.current ??= newest;
  useEffect(() => {
    const from = told.current;
    if (from === undefined || newest <= from) return undefined;
    const tell = (): void => {
      const came = messages.filter(({ offset, from: by }) => offset > from && by.id !== me);
      told.current = newest;
      toldAt.current = Date.now();
      const words = announcement(came);
      if (words !== undefined) setSaid(({ turn }) => ({ words, turn: turn + 1 }));
    };
    const wait = toldAt.current + apartMs - Date.now();
    if (wait <= 0) {
      tell();
      return undefined;
    }
    const timer = setTimeout(tell, wait);
    return () => clearTimeout(timer);
  }, [messages, newest, me]);
  return (
    <p className="sr" role="status" aria-live="polite" data-testid="chat-announcer">
      {/* New with each turn: the same words twice are told twice. */}
      <span key={said.turn}>{said.words}</span>
    </p>
  );
}

// How it stands with something that waits, in words, and what one can do where it was refused. And a message that waits,
// in the place it will have.

import type { ReactElement } from 'react';
import type { WaitingPost } from '../../live/chat/outbox.ts';
import { Button } from '../../ui/button.tsx';
import { Icon } from '../../ui/icon.tsx';
import { Thread } from '../../ui/thread.tsx';
import { MessageCard } from './cards/message-card.tsx';
import { waitingWords } from './chat-words.ts';
import { MessageText } from './message-text.tsx';
import type { RoomContext } from './message.tsx';
import styles from './room.module.css';

export function WaitingLine({
  post,
  room,
}: {
  readonly post: WaitingPost;
  readonly room: Pick<RoomContext, 'isUp' | 'onTakeBack' | 'onAgain' | 'onDiscard'>;
}): ReactElement | null {
  const said = waitingWords(post, room.isUp);
  if (said === undefined) return null;
  const isRefused = said.look === 'refused';
  return (
    <div className={styles.waiting} data-look={said.look}>
      {isRefused ? <Icon name="octagon-alert" size={14} /> : <Thread state="late" size="small" />}
      <span>{said.words}</span>
      {isRefused ? (
        <span className={styles.choices}>
          {'text' in post.post ? (
            <Button size="small" onPress={() => room.onTakeBack(post)}>
              Edit
            </Button>
          ) : null}
          <Button size="small" onPress={() => room.onAgain(post.key)}>
            Try again
          </Button>
          <Button size="small" look="quiet" onPress={() => room.onDiscard(post.key)}>
            Discard
          </Button>
        </span>
      ) : null}
    </div>
  );
}

export function WaitingMessage({
  post,
  isFirst,
  name,
  room,
}: {
  readonly post: WaitingPost;
  readonly isFirst: boolean;
  /** Of who is signed in. */
  readonly name: string;
  readonly room: RoomContext;
}): ReactElement {
  const said = post.post;
  return (
    <div className={styles.message} data-first={isFirst} data-waiting>
      {isFirst ? (
        <div className={styles.by}>
          <bdi>{name}</bdi>
        </div>
      ) : null}
      {'text' in said && said.text !== '' ? <MessageText text={said.text} lookOf={room.lookOf} /> : null}
      {'card' in said && said.card !== undefined ? <MessageCard card={said.card} /> : null}
      <WaitingLine post={post} room={room} />
    </div>
  );
}

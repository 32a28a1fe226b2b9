// Chat beside a page: one room, and the way to the others; the room about what is on the page comes first.

import type { PresenceRow } from '@telltale/hub/api';
import { useState, type ReactElement } from 'react';
import { Button as AriaButton } from 'react-aria-components/Button';
import { Dialog, DialogTrigger } from 'react-aria-components/Dialog';
import { Popover } from 'react-aria-components/Popover';
import { useChat, usePresence, useRefused } from '../../live/chat/use-chat.ts';
import { Link } from '../../router/router.tsx';
import { Button } from '../../ui/button.tsx';
import { Icon } from '../../ui/icon.tsx';
import { personName } from '../../words/name.ts';
import { askField, openChat } from './chat-side.ts';
import { hereWords } from './chat-words.ts';
import styles from './chat.module.css';
import { Room } from './room.tsx';
import { firstRoom, type OfferedRoom } from './rooms-model.ts';
import { RoomsList, roomPath } from './rooms-list.tsx';
import { useOfferedRooms } from './use-offered-rooms.ts';

export function ChatPanel(): ReactElement {
  const { me, choices } = useChat();
  const { rooms, isRead } = useOfferedRooms();
  const [chosen, setChosen] = useState(() => choices.get('room') ?? firstRoom);
  // A room that is gone, or that this person may not see any more, is not asked for.
  const room = !isRead || rooms.some((offered) => offered.room === chosen) ? chosen : firstRoom;
  const offered = rooms.find((one) => one.room === room);
  const about = rooms.find(({ isHere }) => isHere);
  const choose = (next: string): void => {
    choices.set('room', next);
    setChosen(next);
  };
  return (
    <aside className={styles.panel} aria-label="Chat">
      <header className={styles.header}>
        <RoomMenu rooms={rooms} room={room} title={offered?.title ?? room} onChoose={choose} />
        <Here room={room} />
        <span className={styles.headerEnd}>
          <Link to={roomPath(room)} className={styles.iconLink} aria-label="Open this room as a page">
            <Icon name="maximize-2" size={14} />
          </Link>
          <Button look="quiet" size="small" icon label="Close chat" onPress={() => openChat(false)}>
            <Icon name="x" size={14} />
          </Button>
        </span>
      </header>
      {about === undefined || about.room === room ? null : (
        <About
          about={about}
          onChoose={(next) => {
            // The button is gone then, and whoever pressed it wants to write about this.
            askField();
            choose(next);
          }}
        />
      )}
      <Room key={`${me} ${room}`} room={room} offered={offered} />
    </aside>
  );
}

export function Here({ room }: { readonly room: string }): ReactElement {
  const present = usePresence(room);
  if (present.length === 0) return <span className={styles.here} />;
  return (
    <DialogTrigger>
      <AriaButton className={styles.here ?? ''}>{hereWords(present)}</AriaButton>
      <Popover className={styles.popover ?? ''} placement="bottom start">
        <Dialog className={styles.menu ?? ''} aria-label="Who is here">
          <ul className={styles.people}>
            {present.map((row) => (
              <li key={row.id}>
                <bdi>{whoWords(row)}</bdi>
              </li>
            ))}
          </ul>
        </Dialog>
      </Popover>
    </DialogTrigger>
  );
}

function whoWords({ subject, state }: PresenceRow): string {
  return state === 'away' ? `${personName(subject)} (away)` : personName(subject);
}

function About({
  about,
  onChoose,
}: {
  readonly about: OfferedRoom;
  readonly onChoose: (room: string) => void;
}): ReactElement {
  return (
    <button type="button" className={styles.about} onClick={() => onChoose(about.room)}>
      <Icon name={about.kind === 'run' ? 'square-terminal' : 'server'} size={14} />
      <span>
        Room of this {about.kind}: <bdi>{personName(about.title)}</bdi>
      </span>
      {about.unread > 0 ? <span className={styles.aboutCount}>{about.unread} unread</span> : null}
    </button>
  );
}

function RoomMenu({
  rooms,
  room,
  title,
  onChoose,
}: {
  readonly rooms: readonly OfferedRoom[];
  readonly room: string;
  readonly title: string;
  readonly onChoose: (room: string) => void;
}): ReactElement {
  const [isOpen, setOpen] = useState(false);
  const notSent = [...useRefused()].reduce((sum, [other, count]) => sum + (other === room ? 0 : count), 0);
  const elsewhere = rooms.reduce((sum, other) => sum + (other.room === room ? 0 : other.unread), 0);
  return (
    <DialogTrigger isOpen={isOpen} onOpenChange={setOpen}>
      <AriaButton
        className={styles.roomButton ?? ''}
        aria-label={`Room: ${personName(title)}. Choose another${notSent > 0 ? `; ${notSent} not sent elsewhere` : ''}`}
      >
        <h2>
          <bdi>{personName(title)}</bdi>
        </h2>
        <Icon name="chevron-down" size={14} />
        {notSent > 0 ? <span className={styles.notSent}>{notSent} not sent</span> : null}
        {elsewhere > 0 ? <span className={styles.elsewhere}>{elsewhere} elsewhere</span> : null}
      </AriaButton>
      <Popover className={styles.popover ?? ''} placement="bottom start">
        <Dialog className={styles.menu ?? ''} aria-label="Rooms">
          <RoomsList
            rooms={rooms}
            current={room}
            onChoose={(next) => {
              setOpen(false);
              onChoose(next);
            }}
          />
        </Dialog>
      </Popover>
    </DialogTrigger>
  );
}

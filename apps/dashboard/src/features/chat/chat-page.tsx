// The page of chat: the rooms, and the one that is open. On a phone either of them, over the whole screen.

import { hasScope } from '@telltale/protocol';
import { useEffect, useState, type ReactElement } from 'react';
import { useChat } from '../../live/chat/use-chat.ts';
import { Link, navigate, useQuery } from '../../router/router.tsx';
import { useRole } from '../../session/use-session.ts';
import { Button } from '../../ui/button.tsx';
import { Icon } from '../../ui/icon.tsx';
import { phone, useMedia } from '../../ui/use-media.ts';
import { personName } from '../../words/name.ts';
import { PageFrame } from '../shell/shell.tsx';
import { Here } from './chat-panel.tsx';
import { messageOf } from './cards/card-paths.ts';
import { useChatSide } from './chat-side.ts';
import { cardWords } from './chat-words.ts';
import styles from './chat.module.css';
import { NoticeSwitch } from './notice-switch.tsx';
import { NewRoom, RoomTools } from './room-forms.tsx';
import { Room } from './room.tsx';
import { firstRoom, isRoomName } from './rooms-model.ts';
import { RoomsList, roomPath } from './rooms-list.tsx';
import { useOfferedRooms } from './use-offered-rooms.ts';

const crumb = { to: '/chat', title: 'Chat' };

export function ChatPage({ room: asked }: { readonly room: string | undefined }): ReactElement {
  const { me, choices } = useChat();
  const { rooms } = useOfferedRooms();
  const isPhone = useMedia(phone);
  const at = messageOf(useQuery());
  const role = useRole();
  const isOperator = me !== undefined && role !== undefined && hasScope({ scope: role }, 'operator');
  const room = asked ?? (isPhone ? undefined : (choices.get('room') ?? firstRoom));
  const offered = rooms.find((one) => one.room === room);
  const isRoom = room !== undefined && isRoomName(room);
  useEffect(() => {
    if (isRoom) choices.set('room', room);
  }, [choices, isRoom, room]);
  const title = offered === undefined ? (room ?? 'Chat') : personName(offered.title);
  return (
    <PageFrame title={asked === undefined ? 'Chat' : title} {...(asked === undefined ? {} : { crumb })}>
      <div className={styles.page} data-room={isPhone && room !== undefined}>
        {isPhone && room !== undefined ? null : <Rooms rooms={rooms} current={room} isOperator={isOperator} />}
        {room === undefined ? null : isRoom ? (
          <section className={styles.open} aria-label={`Room ${title}`}>
            <header className={styles.openHeader}>
              {isPhone ? (
                <Link to="/chat" className={styles.back}>
                  All rooms
                </Link>
              ) : (
                <h2>
                  <bdi>{title}</bdi>
                </h2>
              )}
              <Here room={room} />
              {isOperator && offered !== undefined && offered.kind === 'room' ? <RoomTools offered={offered} /> : null}
            </header>
            <Room key={`${me} ${room}`} room={room} offered={offered} at={at} />
          </section>
        ) : (
          <p className={styles.none}>
            There is no such room. <Link to="/chat">Go to the rooms</Link>
          </p>
        )}
      </div>
    </PageFrame>
  );
}

function Rooms({
  rooms,
  current,
  isOperator,
}: {
  readonly rooms: ReturnType<typeof useOfferedRooms>['rooms'];
  readonly current: string | undefined;
  readonly isOperator: boolean;
}): ReactElement {
  const [isMaking, setMaking] = useState(false);
  const { card } = useChatSide();
  return (
    <section className={styles.rooms} aria-label="Rooms">
      <header className={styles.roomsHeader}>
        <h2>Rooms</h2>
        {isOperator && !isMaking ? (
          <Button look="quiet" size="small" onPress={() => setMaking(true)}>
            <Icon name="plus" size={14} />
            New room
          </Button>
        ) : null}
      </header>
      {card !== undefined && current === undefined ? (
        <p className={styles.sharing}>Choose where to share: {cardWords(card)}</p>
      ) : null}
      {isMaking ? (
        <NewRoom
          onMade={(room) => {
            setMaking(false);
            navigate(roomPath(room));
          }}
          onClose={() => setMaking(false)}
        />
      ) : null}
      <div className={styles.roomsList}>
        <RoomsList rooms={rooms} current={current} />
      </div>
      <NoticeSwitch />
    </section>
  );
}

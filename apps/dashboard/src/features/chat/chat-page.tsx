// The page of chat: the rooms, and the one that is open. On a phone either of them; a room has the whole screen there.

import { hasScope, isChannelPart } from '@telltale/protocol';
import { useEffect, useMemo, useRef, useState, type ReactElement } from 'react';
import { useChat } from '../../live/chat/use-chat.ts';
import { Link, navigate, useQuery, useVisit } from '../../router/router.tsx';
import { useRole } from '../../session/use-session.ts';
import { Button } from '../../ui/button.tsx';
import { Icon } from '../../ui/icon.tsx';
import { phone, useMedia } from '../../ui/use-media.ts';
import { personName } from '../../words/name.ts';
import { PageFrame } from '../shell/shell.tsx';
import { Here } from './chat-panel.tsx';
import { messageOf } from './cards/card-paths.ts';
import { askField, useChatSide } from './chat-side.ts';
import { cardWords } from './chat-words.ts';
import styles from './chat.module.css';
import { NoticeSwitch } from './notice-switch.tsx';
import { NewRoom, RoomTools } from './room-forms.tsx';
import { Room } from './room.tsx';
import { firstRoom } from './rooms-model.ts';
import { RoomsList, roomPath } from './rooms-list.tsx';
import { useKeptFocus } from '../../ui/use-kept-focus.ts';
import { useOfferedRooms } from './use-offered-rooms.ts';

const crumb = { to: '/chat', title: 'Chat' };
const allRooms = { to: '/chat', title: 'All rooms' };

export function ChatPage({ room: asked }: { readonly room: string | undefined }): ReactElement {
  const { me, choices } = useChat();
  const { rooms } = useOfferedRooms();
  const isPhone = useMedia(phone);
  const at = messageOf(useQuery());
  const visit = useVisit();
  // oxlint-disable-next-line react-hooks/exhaustive-deps -- with each visit it is asked for anew
  const goTo = useMemo(() => (at === undefined ? undefined : { at }), [at, visit]);
  const role = useRole();
  const isOperator = me !== undefined && role !== undefined && hasScope({ scope: role }, 'operator');
  const room = asked ?? (isPhone ? undefined : (choices.get('room') ?? firstRoom));
  const offered = rooms.find((one) => one.room === room);
  const isRoom = room !== undefined && isChannelPart(room);
  useEffect(() => {
    if (isRoom) choices.set('room', room);
  }, [choices, isRoom, room]);
  const title = offered === undefined ? (room ?? 'Chat') : personName(offered.title);
  // One that a phone has opened has its screen: what stands above a room elsewhere stands in the bar.
  const isFull = isPhone && room !== undefined;
  const tools =
    room === undefined || !isRoom ? null : (
      <>
        <Here room={room} />
        {isOperator && offered !== undefined && offered.kind === 'room' ? <RoomTools offered={offered} /> : null}
      </>
    );
  return (
    <PageFrame
      title={asked === undefined ? 'Chat' : title}
      {...(asked === undefined ? {} : { crumb })}
      back={isFull ? allRooms : undefined}
      action={isFull ? tools : null}
    >
      <div className={styles.page} data-room={isFull}>
        {isFull ? null : <Rooms rooms={rooms} current={room} isOperator={isOperator} />}
        {room === undefined ? null : isRoom ? (
          <section className={styles.open} aria-label={`Room ${title}`}>
            {isFull ? null : (
              <header className={styles.openHeader}>
                <h2>
                  <bdi>{title}</bdi>
                </h2>
                {tools}
              </header>
            )}
            <Room key={`${me} ${room}`} room={room} offered={offered} goTo={goTo} />
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
  const place = useRef<HTMLElement>(null);
  // A form that is closed gives them back to what opened it.
  useKeptFocus(place, () => place.current?.querySelector('button') ?? place.current?.querySelector('a'));
  return (
    <section className={styles.rooms} aria-label="Rooms" ref={place}>
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
            askField();
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

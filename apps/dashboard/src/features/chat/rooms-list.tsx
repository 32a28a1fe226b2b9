// The rooms one can go to: the one about what is on the screen first, then by what is unread. A link each, so that a room
// opens in a tab of its own too.

import type { ReactElement } from 'react';
import { useRefused } from '../../live/chat/use-chat.ts';
import { Link } from '../../router/router.tsx';
import { Icon } from '../../ui/icon.tsx';
import { personName } from '../../words/name.ts';
import { grouped } from '../../words/units.ts';
import styles from './rooms.module.css';
import type { OfferedRoom } from './rooms-model.ts';

export function roomPath(room: string): string {
  return `/chat/${room}`;
}

export function RoomsList({
  rooms,
  current,
  onChoose,
}: {
  readonly rooms: readonly OfferedRoom[];
  readonly current: string | undefined;
  /** Undefined: a room is a page, and its link leads there. */
  readonly onChoose?: (room: string) => void;
}): ReactElement {
  const refused = useRefused();
  return (
    <ul className={styles.rooms} aria-label="Rooms">
      {rooms.map((offered) => (
        <li key={offered.room}>
          {onChoose === undefined ? (
            <Link to={roomPath(offered.room)} isCurrent={offered.room === current} className={styles.entry}>
              <Entry offered={offered} refused={refused.get(offered.room) ?? 0} />
            </Link>
          ) : (
            <button
              type="button"
              className={styles.entry}
              aria-current={offered.room === current || undefined}
              onClick={() => onChoose(offered.room)}
            >
              <Entry offered={offered} refused={refused.get(offered.room) ?? 0} />
            </button>
          )}
        </li>
      ))}
    </ul>
  );
}

function Entry({
  offered,
  refused,
}: {
  readonly offered: OfferedRoom;
  /** So many of one's own were not taken there. */
  readonly refused: number;
}): ReactElement {
  const { title, kind, unread, mentions, isArchived, isClosed, isHere, isNew } = offered;
  return (
    <>
      <Icon
        name={
          isArchived
            ? 'archive'
            : kind === 'agent'
              ? 'server'
              : kind === 'run'
                ? 'square-terminal'
                : isClosed
                  ? 'lock'
                  : 'message-square'
        }
        size={14}
      />
      <bdi className={styles.title} data-unread={unread > 0 || undefined}>
        {personName(title)}
      </bdi>
      {isHere ? <span className={styles.note}>{isNew ? 'this page, new' : 'this page'}</span> : null}
      {refused > 0 ? (
        <span className={styles.refused}>
          <Icon name="octagon-alert" size={14} />
          {grouped(refused)} not sent
        </span>
      ) : null}
      {isArchived ? <span className={styles.note}>archived</span> : null}
      {mentions > 0 ? (
        <span className={styles.mentions} aria-label={`${mentions} of them name you`}>
          @
        </span>
      ) : null}
      {unread > 0 ? (
        <span className={styles.count}>
          {grouped(unread)}
          <span className="sr"> unread</span>
        </span>
      ) : null}
    </>
  );
}

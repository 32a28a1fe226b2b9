// The rooms as this person is offered them on this page.

import { useMemo } from 'react';
import { useFacts, useRooms } from '../../live/chat/use-chat.ts';
import { usePath } from '../../router/router.tsx';
import { aboutOf, openRooms, roomsOf, type OfferedRoom } from './rooms-model.ts';

export interface OfferedRooms {
  readonly rooms: readonly OfferedRoom[];
  /** Whether the hub has told of its rooms, or that it does not. */
  readonly isRead: boolean;
}

export function useOfferedRooms(): OfferedRooms {
  const { rows, isRead, denied } = useRooms();
  const facts = useFacts();
  const path = usePath();
  const rooms = useMemo(() => (denied ? openRooms : roomsOf(rows, facts, aboutOf(path))), [denied, rows, facts, path]);
  return { rooms, isRead: isRead || denied };
}

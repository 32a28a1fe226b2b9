// The rooms as this person is offered them on this page.

import { useMemo } from 'react';
import { useFacts, useRooms } from '../../live/chat/use-chat.ts';
import { usePath } from '../../router/router.tsx';
import { aboutOf, roomsOf, type OfferedRoom } from './rooms-model.ts';

export interface OfferedRooms {
  readonly rooms: readonly OfferedRoom[];
  /** Whether the hub has told of its rooms. */
  readonly isRead: boolean;
}

export function useOfferedRooms(): OfferedRooms {
  const { rows, isRead } = useRooms();
  const facts = useFacts();
  const path = usePath();
  const rooms = useMemo(() => roomsOf(rows, facts, aboutOf(path)), [rows, facts, path]);
  return { rooms, isRead };
}

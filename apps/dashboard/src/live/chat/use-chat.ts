// Chat for components: one's own, one room, what waits there, who is in it, and how much is unread.

import { useSharedConnection } from '@telltale/client/react';
import type { PresenceRow, RoomRow, UserFact } from '@telltale/hub/api';
import { useEffect, useMemo, useSyncExternalStore } from 'react';
import { useSession } from '../../session/use-session.ts';
import { useRows, type Rows } from '../live.tsx';
import { chatOf, type Chat } from './chat.ts';
import type { WaitingPost } from './outbox.ts';
import type { RoomLog, RoomView } from './room-log.ts';

export function useChat(): Chat {
  const connection = useSharedConnection();
  const { session } = useSession();
  return chatOf(connection, session);
}

/** Runs chat while mounted: what waits is sent whatever page is shown. */
export function useRunningChat(): Chat {
  const chat = useChat();
  useEffect(() => chat.start(), [chat]);
  return chat;
}

export function useRoom(room: string): { readonly view: RoomView; readonly log: RoomLog } {
  const chat = useChat();
  const log = useMemo(() => chat.room(room), [chat, room]);
  const view = useSyncExternalStore(log.subscribe, log.get);
  return { view, log };
}

/** What waits or was refused in a room, oldest first. */
export function useWaiting(room: string): readonly WaitingPost[] {
  const { outbox } = useChat();
  const posts = useSyncExternalStore(outbox.subscribe, () => outbox.posts);
  return useMemo(() => posts.filter((post) => post.room === room), [posts, room]);
}

/** How many posts were refused, by room. */
export function useRefused(): ReadonlyMap<string, number> {
  const { outbox } = useChat();
  const posts = useSyncExternalStore(outbox.subscribe, () => outbox.posts);
  return useMemo(() => {
    const refused = new Map<string, number>();
    for (const { room, state } of posts) if (state.kind === 'refused') refused.set(room, (refused.get(room) ?? 0) + 1);
    return refused;
  }, [posts]);
}

export function usePresence(room: string): readonly PresenceRow[] {
  const chat = useChat();
  const presence = useMemo(() => chat.presence(room), [chat, room]);
  return useSyncExternalStore(presence.subscribe, presence.getSnapshot);
}

/** Every room this person may see, those with members too. */
export function useRooms(): Rows<RoomRow> {
  const listed = useRows<RoomRow>('rooms');
  const facts = useFacts();
  return useMemo(() => {
    const own = facts.flatMap((fact) => (fact.type === 'member' ? [fact.room] : []));
    return own.length === 0 ? listed : { ...listed, rows: [...listed.rows, ...own] };
  }, [listed, facts]);
}

/** What the hub knows of this person: what is unread, where they were named. */
export function useFacts(): readonly UserFact[] {
  const { me } = useChat();
  return useRows<UserFact>(me === undefined ? undefined : `user/${me}`).rows;
}

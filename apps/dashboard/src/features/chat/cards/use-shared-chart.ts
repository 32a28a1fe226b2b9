// The chart that a message shared, for the place it leads to: asked for only where the samples of that time are gone.

import { useQuery } from '@tanstack/react-query';
import type { ChatCard, ChatPage } from '@telltale/hub/api';
import { useSession } from '../../../session/use-session.ts';
import type { MessagePlace } from './card-paths.ts';

export type SharedChart = Extract<ChatCard, { type: 'chart' }>;

export type SharedView =
  | { readonly kind: 'asking' }
  | { readonly kind: 'known'; readonly card: SharedChart }
  /** It was deleted, may not be read, or shares something else. */
  | { readonly kind: 'none' };

/** @param place undefined: nothing is asked for */
export function useSharedChart(place: MessagePlace | undefined): SharedView {
  const { session, state } = useSession();
  // What one may read the next may not, and what was asked for is held for a while.
  const reader = state.kind === 'signed-in' ? state.me.id : state.kind;
  const { room, offset } = place ?? { room: '', offset: 0 };
  const { data, isPending } = useQuery({
    queryKey: ['shared', room, offset, reader],
    enabled: place !== undefined,
    queryFn: async ({ signal }) => {
      const path = `/api/rooms/${encodeURIComponent(room)}/messages?before=${offset + 1}&limit=1`;
      const { messages } = await session.call<ChatPage>(path, { signal });
      const card = messages.find((message) => message.offset === offset)?.card;
      return card?.type === 'chart' ? card : null;
    },
    staleTime: Infinity,
    retry: false,
    refetchOnWindowFocus: false,
  });
  if (place === undefined) return { kind: 'none' };
  if (data != null) return { kind: 'known', card: data };
  return { kind: isPending ? 'asking' : 'none' };
}

// The rooms in the order in which they are offered, with what is unread in each. Pure.

import type { RoomRow, UserFact } from '@telltale/hub/api';
import { isChannelPart, longestChannelPart } from '@telltale/protocol';

/** The room about what somebody looks at. */
export interface AboutRoom {
  readonly room: string;
  /** `web-1`, or the id of a run. */
  readonly id: string;
  readonly type: 'agent' | 'run';
}

export interface OfferedRoom {
  readonly room: string;
  readonly title: string;
  readonly kind: 'room' | 'agent' | 'run';
  readonly unread: number;
  readonly mentions: number;
  readonly isArchived: boolean;
  readonly isForOperators: boolean;
  /** Only its members see it. */
  readonly isClosed: boolean;
  /** Nobody has spoken there. */
  readonly isNew: boolean;
  /** It is about what is on the screen. */
  readonly isHere: boolean;
}

export const firstRoom = 'general';

/** What is offered to whoever may not read which rooms there are: the one that the hub lets everybody read. */
export const openRooms: readonly OfferedRoom[] = [
  {
    room: firstRoom,
    title: 'General',
    kind: 'room',
    unread: 0,
    mentions: 0,
    isArchived: false,
    isForOperators: false,
    isClosed: false,
    isNew: false,
    isHere: false,
  },
];

/** What a page is about, by its path. */
export function aboutOf(path: string): AboutRoom | undefined {
  const [, folder, id, more] = path.split('/');
  if (id === undefined || id === '' || more !== undefined) return undefined;
  const type = folder === 'agents' ? 'agent' : folder === 'runs' ? 'run' : undefined;
  if (type === undefined) return undefined;
  const room = `${type}.${id}`;
  return isChannelPart(room) ? { room, id, type } : undefined;
}

export function roomsOf(
  rows: readonly RoomRow[],
  facts: readonly UserFact[],
  about: AboutRoom | undefined,
): readonly OfferedRoom[] {
  const known = new Map(facts.flatMap((fact) => (fact.type === 'room' ? [[fact.room, fact] as const] : [])));
  const offered = rows.map((row): OfferedRoom & { readonly lastAt: number } => ({
    room: row.room,
    title: row.title,
    kind: row.about?.type ?? 'room',
    unread: known.get(row.room)?.unread ?? 0,
    mentions: known.get(row.room)?.mentions ?? 0,
    isArchived: row.archivedAt !== null,
    isForOperators: row.writers === 'operators',
    isClosed: row.members !== null,
    isNew: row.lastAt === null,
    isHere: row.room === about?.room,
    lastAt: row.lastAt ?? 0,
  }));
  if (about !== undefined && !rows.some(({ room }) => room === about.room)) {
    const rest = { unread: 0, mentions: 0, isArchived: false, isForOperators: false, isClosed: false };
    offered.push({
      ...rest,
      room: about.room,
      title: about.id,
      kind: about.type,
      isNew: true,
      isHere: true,
      lastAt: 0,
    });
  }
  return offered.sort((one, other) => rank(one) - rank(other) || other.lastAt - one.lastAt || order(one, other));
}

function rank({ isHere, isArchived, room, mentions, unread }: OfferedRoom): number {
  if (isHere) return 0;
  if (isArchived) return 5;
  if (room === firstRoom) return 1;
  return mentions > 0 ? 2 : unread > 0 ? 3 : 4;
}

function order(one: OfferedRoom, other: OfferedRoom): number {
  return one.room < other.room ? -1 : 1;
}

/** A room's name made of a title that somebody typed; empty: nothing is left of it. */
export function roomNameOf(title: string): string {
  return title
    .normalize('NFKD')
    .toLowerCase()
    .replaceAll(/\p{M}/gu, '')
    .replaceAll(/[^a-z0-9._]+/g, '-')
    .slice(0, longestChannelPart)
    .replaceAll(/^[-.]+|[-.]+$/g, '');
}

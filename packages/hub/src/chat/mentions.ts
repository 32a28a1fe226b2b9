// Who is named in a text: `@ada`, by user name. Accounts of this hub, and of everybody else those who are here now or have
// spoken in some room before.

import { createHash } from 'node:crypto';
import type { SessionView } from '@telltale/gateway';
import { type Identity, identityId } from '@telltale/protocol';
import type { Accounts } from '../accounts/accounts.ts';
import { mentionKey, mentionKeysIn } from '../mention.ts';
import type { Storage } from '../storage/storage.ts';
import type { Asker, Rooms } from './rooms.ts';

export interface MentionsOptions {
  readonly accounts: Pick<Accounts, 'user'>;
  readonly sessions: () => Iterable<SessionView>;
  readonly storage: Pick<Storage, 'speakers'>;
  readonly rooms: Pick<Rooms, 'canRead'>;
  readonly issuer: string;
}

/** Answers the ids of those a text names and who may read the room, without whoever wrote it. */
export type MentionsIn = (text: string, room: string, author: string) => Promise<readonly string[]>;

/** Most who are told of one message. */
const mostMentions = 50;

export function createMentions({ accounts, sessions, storage, rooms, issuer }: MentionsOptions): MentionsIn {
  const askerOf = (subject: string): Asker => ({ issuer, kind: 'user', subject, scope: 'viewer' });
  const idOf = (asker: Pick<Identity, 'issuer' | 'kind' | 'subject'>): string =>
    identityId(asker, (text) => createHash('sha256').update(text).digest());

  const mayRead = (person: string, subject: string, room: string): boolean => {
    const ours = askerOf(subject);
    // Whichever issuer else it was: to all of them a room says the same.
    if (idOf(ours) !== person) return rooms.canRead({ ...ours, issuer: '' }, room);
    return accounts.user(subject)?.disabled !== 1 && rooms.canRead(ours, room);
  };

  return async (text, room, author) => {
    const keys = mentionKeysIn(text);
    if (keys.size === 0) return [];
    const ids = new Set<string>();
    for (const key of keys) {
      const asker = askerOf(key);
      if (accounts.user(key)?.disabled === 0 && rooms.canRead(asker, room)) ids.add(idOf(asker));
    }
    for (const { identity } of sessions()) {
      const { kind, subject, id } = identity;
      if (kind === 'user' && keys.has(mentionKey(subject)) && rooms.canRead(identity, room)) ids.add(id);
    }
    for (const { person, subject } of await storage.speakers([...keys])) {
      if (mayRead(person, subject, room)) ids.add(person);
    }
    ids.delete(author);
    return [...ids].slice(0, mostMentions);
  };
}

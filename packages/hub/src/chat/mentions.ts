// Who is named in a text: `@ada`, by user name. Accounts of this hub, and people of other issuers who are here now.

import { createHash } from 'node:crypto';
import type { SessionView } from '@telltale/gateway';
import { identityId } from '@telltale/protocol';
import type { Accounts } from '../accounts/accounts.ts';
import type { Rooms } from './rooms.ts';

export interface MentionsOptions {
  readonly accounts: Pick<Accounts, 'user'>;
  readonly sessions: () => Iterable<SessionView>;
  readonly rooms: Pick<Rooms, 'canRead'>;
  readonly issuer: string;
}

/** Most who are told of one message. */
const mostMentions = 50;
/** Not inside a word: an address of mail names nobody. */
const mention = /(?<![\p{L}\p{N}._%+-])@([a-z0-9][a-z0-9._-]{0,63})/giu;

/** Answers the ids of those a text names and who may read the room, without whoever wrote it. */
export function createMentions({
  accounts,
  sessions,
  rooms,
  issuer,
}: MentionsOptions): (text: string, room: string, author: string) => readonly string[] {
  const account = (name: string, room: string): string | undefined => {
    const isHere = accounts.user(name)?.disabled === 0;
    const asker = { issuer, kind: 'user', subject: name, scope: 'viewer' } as const;
    if (!isHere || !rooms.canRead(asker, room)) return undefined;
    return identityId(asker, (text) => createHash('sha256').update(text).digest());
  };

  return (text, room, author) => {
    const names = new Set<string>();
    for (const [, found = ''] of text.matchAll(mention)) {
      const name = found.toLowerCase();
      names.add(name);
      // The dot that ends a sentence may belong to a name, too.
      names.add(name.replace(/[._-]+$/, ''));
    }
    if (names.size === 0) return [];
    const ids = new Set<string>();
    for (const name of names) {
      const id = account(name, room);
      if (id !== undefined) ids.add(id);
    }
    for (const { identity } of sessions()) {
      const { kind, subject, id } = identity;
      if (kind === 'user' && names.has(subject.toLowerCase()) && rooms.canRead(identity, room)) ids.add(id);
    }
    ids.delete(author);
    return [...ids].slice(0, mostMentions);
  };
}

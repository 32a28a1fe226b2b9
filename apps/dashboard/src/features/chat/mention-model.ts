// Naming somebody while one types: where a name is begun, who it may be, and the text with the whole name. Pure. What a name
// is, the hub says.

import type { ChatMessage, PresenceRow } from '@telltale/hub/api';
import { begunMentionSource, isNameable, mentionKey } from '@telltale/hub/mention';

export interface Person {
  readonly id: string;
  /** What stands behind the `@`. */
  readonly subject: string;
  readonly name: string | null;
}

/** A name that is being typed: from its `@` on to the caret. */
export interface BegunName {
  readonly from: number;
  readonly query: string;
}

const begun = new RegExp(begunMentionSource, 'u');
const mostOffered = 6;

/** Who is here and who has spoken here, each once. Agents speak, and read nothing: naming one would tell nobody. */
export function peopleOf(
  messages: readonly Pick<ChatMessage, 'from'>[],
  present: readonly Pick<PresenceRow, 'id' | 'subject' | 'name'>[],
): readonly Person[] {
  const found = new Map<string, Person>();
  for (const { id, subject, name } of present) found.set(id, { id, subject, name });
  for (const { from } of messages) {
    const { id, subject, name, kind } = from;
    if (kind === 'user' && !found.has(id)) found.set(id, { id, subject, name });
  }
  return [...found.values()];
}

export function begunName(text: string, caret: number): BegunName | undefined {
  const query = begun.exec(text.slice(0, caret))?.[1];
  return query === undefined ? undefined : { from: caret - query.length - 1, query };
}

/** Those whose name begins so, then those whose name has it anywhere; each once, never oneself. */
export function offeredPeople(people: readonly Person[], query: string, me: string | undefined): readonly Person[] {
  const wanted = mentionKey(query);
  const seen = new Set(me === undefined ? [] : [me]);
  const found: { readonly person: Person; readonly rank: number }[] = [];
  for (const person of people) {
    if (seen.has(person.id) || !isNameable(person.subject)) continue;
    seen.add(person.id);
    const [subject, name] = [mentionKey(person.subject), mentionKey(person.name ?? '')];
    const rank = subject.startsWith(wanted) ? 0 : name.includes(wanted) || subject.includes(wanted) ? 1 : undefined;
    if (rank !== undefined) found.push({ person, rank });
  }
  // Whoever has typed a whole name wants to go on, not to choose it.
  const [only] = found;
  if (found.length === 1 && only !== undefined && mentionKey(only.person.subject) === wanted) return [];
  found.sort((one, other) => one.rank - other.rank || (one.person.subject < other.person.subject ? -1 : 1));
  return found.slice(0, mostOffered).map(({ person }) => person);
}

/** The text with the name in it, and where the caret stands then. */
export function withName(
  text: string,
  { from, query }: BegunName,
  { subject }: Person,
): { readonly text: string; readonly caret: number } {
  const rest = text.slice(from + 1 + query.length);
  const named = `@${subject}${rest.startsWith(' ') ? '' : ' '}`;
  return { text: text.slice(0, from) + named + rest, caret: from + subject.length + 2 };
}

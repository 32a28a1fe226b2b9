// Refusals and ends as one list of things that happened, for the panel that groups them, and what a text finds among
// them and among sessions. Pure.

import type { AttemptFacts, EndingRow, RefusalRow, SessionRow } from '@telltale/hub/api';

/** A row of either table. One end is one happening; the same refusal again is the same one, counted. */
export interface Happening extends AttemptFacts {
  readonly key: string;
  readonly kind: 'refused' | 'ended';
  readonly code: number;
  readonly name: string;
  readonly reason: string;
  readonly hint: string;
  readonly setting: string | null;
  readonly detail: string | null;
  readonly user: string | null;
  readonly first: number;
  readonly last: number;
  readonly count: number;
  readonly by: EndingRow['by'];
  /** It ended before it was admitted. */
  readonly isEarly: boolean;
  /** Whether whoever it was has come back since; undefined: nobody can know. */
  readonly isBack: boolean | undefined;
}

type Peer = Pick<Happening, 'user' | 'address' | 'program'>;

/**
 * All of both tables, newest first.
 *
 * @param sessions who is connected now: somebody of the same name, address and program since then has come back
 */
export function happeningsOf(
  refusals: readonly RefusalRow[],
  endings: readonly EndingRow[],
  sessions: readonly SessionRow[],
): readonly Happening[] {
  const cameAt = new Map<string, number>();
  for (const { user, address, program, since, session } of [...sessions, ...endings]) {
    if (session === null) continue;
    const who = whoOf(user, address, program);
    cameAt.set(who, Math.max(since, cameAt.get(who) ?? 0));
  }
  const isBack = ({ user, address, program }: Peer, since: number): boolean | undefined =>
    user === null ? undefined : (cameAt.get(whoOf(user, address, program)) ?? 0) >= since;
  const all: Happening[] = [
    ...refusals.map((row) => ({
      ...row,
      key: `refused ${row.id}`,
      kind: 'refused' as const,
      by: 'gateway' as const,
      isEarly: false,
      isBack: isBack(row, row.last),
    })),
    ...endings.map((row) => ({
      ...row,
      key: `ended ${row.session ?? row.attempt}`,
      kind: 'ended' as const,
      isEarly: row.session === null,
      hint: '',
      setting: null,
      detail: null,
      first: row.endedAt,
      last: row.endedAt,
      count: 1,
      isBack: isBack(row, row.endedAt),
    })),
  ];
  return all.sort((one, other) => other.last - one.last);
}

/** A doctor that connects is not the page that lost its line, though both are one person's at one machine. */
const whoOf = (...peer: readonly (string | null)[]): string => JSON.stringify(peer);

/** Whether every word of a text is in what a row says of an attempt: user, address, origin, path, program, id. */
export function isFound(
  row: AttemptFacts & { readonly user: string | null; readonly kind?: string; readonly name?: string },
  text: string,
): boolean {
  const words = text.toLowerCase().split(/\s+/).filter(Boolean);
  if (words.length === 0) return true;
  const { attempt, address, origin, path, program, user, name, kind } = row;
  const said = [user, address, origin, path, program, attempt, name, kind].join(' ').toLowerCase();
  return words.every((word) => said.includes(word));
}

/** Whether a text is an attempt's id as a whole: then there is a page to open. */
export function isAttemptId(text: string): boolean {
  return /^[\w-]{22,64}$/.test(text);
}

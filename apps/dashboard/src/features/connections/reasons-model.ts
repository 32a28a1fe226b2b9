// What was refused and has ended, grouped by its reason: which groups, how grave, in which order, and what each says in
// its line. Pure. A group has one cure, so refused pages of two origins are two; of many, the rest is one.

import { codeRule } from '@telltale/protocol';
import { browserOf } from '../../words/browser.ts';
import { shownName } from '../../words/name.ts';
import { counted, grouped } from '../../words/units.ts';
import type { Happening } from './happenings.ts';
import { endedTitle, refusedTitle } from './titles.ts';

/** How a group is coloured, beside its words: a decision, something that comes back by itself, something usual. */
export type Tone = 'refused' | 'late' | 'quiet';

export interface Reason {
  readonly key: string;
  readonly kind: Happening['kind'];
  readonly code: number;
  readonly name: string;
  readonly title: string;
  /** After the title, fainter: whom it concerns, or what became of them. */
  readonly aside: string;
  readonly tone: Tone;
  readonly count: number;
  readonly first: number;
  readonly last: number;
  /** Newest first. */
  readonly rows: readonly Happening[];
  /** The origin that all of it is about; undefined: not about one. */
  readonly origin: string | undefined;
}

/** Origins that have a group of their own; whoever sends a thousand of them makes no thousand groups. */
const mostOrigins = 5;

/** The groups of these rows, gravest first. */
export function reasonsOf(rows: readonly Happening[]): readonly Reason[] {
  const groups = new Map<string, Happening[]>();
  for (const row of rows) {
    const key = keyOf(row);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [row]);
    else group.push(row);
  }
  const reasons = withoutTooMany([...groups].map(([key, group]) => reasonOf(key, group)));
  return reasons.sort(
    (one, other) => ranks[one.tone] - ranks[other.tone] || other.count - one.count || other.last - one.last,
  );
}

const ranks: Readonly<Record<Tone, number>> = { refused: 0, late: 1, quiet: 2 };

const isAboutOrigin = ({ kind, name, origin }: Happening): boolean =>
  kind === 'refused' && name.startsWith('origin-') && origin !== null;

function keyOf(row: Happening): string {
  const { kind, name, code, by, origin } = row;
  return isAboutOrigin(row) ? `${kind} ${name} ${origin}` : `${kind} ${name} ${code} ${by}`;
}

function reasonOf(key: string, rows: readonly Happening[]): Reason {
  const [newest] = rows as readonly [Happening, ...Happening[]];
  const { kind, code, name } = newest;
  const origin =
    rows.every(isAboutOrigin) && sameOf(rows, (row) => row.origin) ? (newest.origin ?? undefined) : undefined;
  return {
    key,
    kind,
    code,
    name,
    title: kind === 'refused' ? refusedTitle(name) : endedTitle(newest),
    aside: asideOf(rows, origin),
    tone: toneOf(newest),
    count: rows.reduce((sum, row) => sum + row.count, 0),
    first: Math.min(...rows.map(({ first }) => first)),
    last: Math.max(...rows.map(({ last }) => last)),
    rows,
    origin,
  };
}

function withoutTooMany(reasons: readonly Reason[]): Reason[] {
  const kept: Reason[] = [];
  const ofOrigins = new Map<string, Reason[]>();
  for (const reason of reasons) {
    if (reason.origin === undefined) kept.push(reason);
    else ofOrigins.set(reason.name, [...(ofOrigins.get(reason.name) ?? []), reason]);
  }
  for (const [name, group] of ofOrigins) {
    const sorted = group.sort((one, other) => other.count - one.count);
    const alone = sorted.length <= mostOrigins ? sorted : sorted.slice(0, mostOrigins - 1);
    const rest = sorted.slice(alone.length);
    kept.push(...alone);
    if (rest.length === 0) continue;
    const rows = rest.flatMap((reason) => reason.rows).sort((one, other) => other.last - one.last);
    kept.push({ ...reasonOf(`refused ${name}`, rows), aside: `${rest.length} other origins` });
  }
  return kept;
}

function toneOf({ kind, code, name }: Happening): Tone {
  const { retry } = codeRule(code);
  if (kind === 'ended') {
    if (code === 1000 || code === 1001 || name === 'signed-out') return 'quiet';
    return code === 4409 || code === 4410 || retry === 'stop' ? 'refused' : 'late';
  }
  // Whoever is told to come back later, or with a new token, does so by itself.
  return retry === 'renew' || retry === 'after' || retry === 'backoff' ? 'late' : 'refused';
}

/** `came back 11 of 12 times`, `Firefox 145, Linux, /ws/dashboard/`, `ada`. */
function asideOf(rows: readonly Happening[], origin: string | undefined): string {
  const [newest] = rows as readonly [Happening, ...Happening[]];
  if (origin !== undefined) return shownName(origin);
  const known = rows.filter(({ isBack }) => isBack !== undefined);
  if (known.length > 0 && toneOf(newest) === 'late') {
    const back = known.filter(({ isBack }) => isBack).length;
    return known.length === 1
      ? back === 1
        ? 'came back by itself'
        : 'has not come back'
      : `${grouped(back)} of ${grouped(known.length)} came back by themselves`;
  }
  const users = [...new Set(rows.map(({ user }) => user))];
  const [user] = users;
  if (users.length === 1 && user !== null && user !== undefined) return shownName(user);
  if (users.length > 1 && users.every((one) => one !== null)) return `${grouped(users.length)} names`;
  const program = newest.program === null ? '' : shownName(browserOf(newest.program));
  if (sameOf(rows, (row) => row.program) && sameOf(rows, (row) => row.path)) {
    return [program, shownName(newest.path)].filter((part) => part !== '').join(', ');
  }
  const addresses = new Set(rows.map(({ address }) => address)).size;
  return `from ${counted(addresses, 'address', 'addresses')}`;
}

function sameOf(rows: readonly Happening[], of: (row: Happening) => string | null): boolean {
  return new Set(rows.map(of)).size === 1;
}

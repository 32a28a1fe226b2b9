// What the lamp of refusals says: what was refused of late, and whether a person should look. Pure. It is on every page,
// so it knows none of the long texts: a code says what there is no room for, and the lamp leads to the words.

import type { RefusalRow } from '@telltale/hub/api';
import { counted } from '../../words/units.ts';

/** One reason, of all who were refused for it. */
export interface RefusedReason {
  readonly name: string;
  readonly code: number;
  readonly last: number;
  readonly count: number;
  /** A line in the settings cures it: somebody waits for it. */
  readonly hasCure: boolean;
}

export interface RefusalsLamp {
  readonly light: 'dark' | 'refused';
  readonly says: string;
  /** The page that shows them. */
  readonly cause: string;
}

/** How long a refusal is of late, in milliseconds. */
const lateMs = 15 * 60_000;
/** So many of one reason are no slip of somebody's finger. */
const many = 5;

/** What the rows come to; undefined: they have not been read. */
export function refusedReasons(rows: readonly RefusalRow[], isRead: boolean): readonly RefusedReason[] | undefined {
  if (!isRead) return undefined;
  const reasons = new Map<string, RefusedReason>();
  for (const { name, code, last, count, setting } of rows) {
    const known = reasons.get(name);
    reasons.set(name, {
      name,
      code,
      last: Math.max(last, known?.last ?? 0),
      count: count + (known?.count ?? 0),
      hasCure: setting !== null || known?.hasCure === true,
    });
  }
  return [...reasons.values()];
}

export function isSameReasons(
  one: readonly RefusedReason[] | undefined,
  other: readonly RefusedReason[] | undefined,
): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}

export function refusalsLampOf(reasons: readonly RefusedReason[], now: number): RefusalsLamp {
  const late = reasons.filter(({ last }) => now - last < lateMs);
  const grave = late.filter(({ hasCure, count }) => hasCure || count >= many);
  const cause = '/connections';
  const [first] = grave;
  if (first !== undefined) {
    const says =
      grave.length === 1 ? `${first.code}, ${counted(first.count, 'time', 'times')}` : `${grave.length} reasons`;
    return { light: 'refused', says, cause };
  }
  const count = late.reduce((sum, reason) => sum + reason.count, 0);
  return { light: 'dark', says: count === 0 ? 'None in 15 min' : `${count} in 15 min`, cause };
}

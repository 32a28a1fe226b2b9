// Refusals, folded: the same refusal of the same attempt is one row with its first, its last, their count and the newest
// attempt. A flood that varies what it says still is few rows, and writes at most one of them a second. Fed by recorder.ts;
// knows neither clock nor disk.

import { randomBytes } from 'node:crypto';
import { addressKey, type Refusal } from '@telltale/gateway';
import { plainText } from '../plain-text.ts';
import type { AttemptFacts, RefusalRow } from '../api.ts';

export const refusalBounds: {
  readonly rows: number;
  /** Rows of one (address, reason): further variations are folded into the newest. */
  readonly variations: number;
  /** Attempts of one row whose records are kept. */
  readonly records: number;
  /** After so long without one, the same refusal begins a new row. */
  readonly quietMs: number;
  readonly everyMs: number;
} = { rows: 500, variations: 8, records: 5, quietMs: 3_600_000, everyMs: 1_000 };

interface Folded {
  row: RefusalRow;
  readonly key: string;
  readonly group: Group;
  /** Attempts whose records are kept, the newest last. */
  readonly attempts: string[];
  isChanged: boolean;
}

/** Everything of one (address, reason). */
interface Group {
  readonly key: string;
  readonly rows: Folded[];
  takenAt: number;
}

/** What one more refusal changed. */
export interface Fold {
  readonly row: RefusalRow;
  /** Attempts whose records are kept no longer. */
  readonly forgotten: readonly string[];
  /** Rows that had to go. */
  readonly removed: readonly string[];
}

export class RefusalRows {
  /** By row id, the one that came last is last. */
  readonly #rows = new Map<string, Folded>();
  readonly #groups = new Map<string, Group>();

  get(id: string): RefusalRow | undefined {
    return this.#rows.get(id)?.row;
  }

  *all(): Generator<RefusalRow> {
    for (const { row } of this.#rows.values()) yield row;
  }

  /** Takes a row back that was stored, with its attempts whose records are. */
  restore(row: RefusalRow, attempts: readonly string[]): void {
    const group = this.#group(row.address, row.name);
    const folded = { row, key: keyOf(row), group, attempts: [...attempts], isChanged: false };
    group.rows.push(folded);
    this.#rows.set(row.id, folded);
  }

  add(facts: AttemptFacts, refusal: Refusal, user: string | undefined, now: number): Fold {
    const newest = rowOf(facts, refusal, user, now);
    const group = this.#group(newest.address, newest.name);
    const key = keyOf(newest);
    const before = group.rows.find((one) => one.key === key && now - one.row.last < refusalBounds.quietMs);
    const isFull = group.rows.length >= refusalBounds.variations;
    const folded = before ?? (isFull ? group.rows.at(-1) : undefined) ?? this.#begin(newest, key, group);
    const { id, first, count } = folded.row;
    folded.row = { ...newest, id, first, count: count + 1 };
    folded.isChanged = true;
    folded.attempts.push(newest.attempt);
    // It came last of all, and of its group.
    this.#rows.delete(id);
    this.#rows.set(id, folded);
    group.rows.splice(group.rows.indexOf(folded), 1);
    group.rows.push(folded);
    const forgotten = folded.attempts.splice(0, Math.max(0, folded.attempts.length - refusalBounds.records));
    const removed: string[] = [];
    while (this.#rows.size > refusalBounds.rows) {
      const oldest = this.#rows.values().next().value as Folded;
      removed.push(oldest.row.id);
      forgotten.push(...oldest.attempts);
      this.remove(oldest.row.id);
    }
    return { row: folded.row, forgotten, removed };
  }

  remove(id: string): readonly string[] {
    const folded = this.#rows.get(id);
    if (folded === undefined) return [];
    this.#rows.delete(id);
    const { group } = folded;
    group.rows.splice(group.rows.indexOf(folded), 1);
    if (group.rows.length === 0) this.#groups.delete(group.key);
    return folded.attempts;
  }

  /** Rows to publish and store now: of each (address, reason) one in a second, who waits longest first. Without a time: all. */
  takeChanged(now?: number): readonly RefusalRow[] {
    const rows: RefusalRow[] = [];
    for (const group of this.#groups.values()) {
      if (now !== undefined && now - group.takenAt < refusalBounds.everyMs) continue;
      for (const folded of group.rows) {
        if (!folded.isChanged) continue;
        folded.isChanged = false;
        group.takenAt = now ?? group.takenAt;
        rows.push(folded.row);
        if (now !== undefined) break;
      }
    }
    return rows;
  }

  #begin(row: RefusalRow, key: string, group: Group): Folded {
    const id = randomBytes(9).toString('base64url');
    const folded = { row: { ...row, id, count: 0 }, key, group, attempts: [], isChanged: true };
    group.rows.push(folded);
    return folded;
  }

  #group(address: string, name: string): Group {
    const key = `${addressKey(address)} ${name}`;
    let group = this.#groups.get(key);
    if (group === undefined) {
      group = { key, rows: [], takenAt: -Infinity };
      this.#groups.set(key, group);
    }
    return group;
  }
}

/** What makes two refusals the same: from where, for whom, and every word of it, but for numbers: how late, how large. */
function keyOf({ address, name, origin, path, program, user, reason, hint, setting, detail }: RefusalRow): string {
  const words = JSON.stringify([reason, hint, setting, detail]).replaceAll(/\d+/g, '0');
  return `${JSON.stringify([address, name, origin, path, program, user])} ${words}`;
}

/** Without an id, which the row it becomes has. */
function rowOf(facts: AttemptFacts, refusal: Refusal, user: string | undefined, now: number): RefusalRow {
  const { code, name, stage = 'route', reason = '', hint = '', detail, setting } = refusal;
  return {
    ...facts,
    id: '',
    code,
    name,
    stage,
    reason,
    hint,
    // The name of a setting alone is no line to add; where there is no more to say, `hint` says it.
    setting: setting !== undefined && /^TELLTALE_[A-Z_]+=./.test(setting) ? setting : null,
    detail: detail ?? null,
    user: user === undefined ? null : plainText(user, 256),
    first: now,
    last: now,
    count: 1,
  };
}

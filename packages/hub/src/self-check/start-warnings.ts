// What a hub says of itself at the start, where it runs all the same: what production would not start with, and a clock
// that cannot be right. Called by hub.ts once; each is one sentence with its cure.

import { statSync } from 'node:fs';
import { join } from 'node:path';
import { productionFaults, type Settings } from '../settings.ts';
import { databaseFile } from '../storage/database.ts';

/** No hub of this version ran before: a clock that shows less was never set. */
const earliest = Date.UTC(2026, 0, 1);
/** A file that is younger than now by more was written by another clock; less is the rounding of a file system, or a shared disk. */
const aheadMs = 5 * 60_000;

/** When the hub's database was written last, by the clock that was here then; undefined: there is none yet. Asked before it is opened. */
export function databaseWrittenAt(directory: string): number | undefined {
  const times = ['', '-wal'].flatMap((part) => {
    try {
      return [statSync(join(directory, databaseFile + part)).mtimeMs];
    } catch {
      // What else is wrong with the place is said by who opens it.
      return [];
    }
  });
  return times.length === 0 ? undefined : Math.max(...times);
}

export interface StartFacts {
  readonly settings: Pick<Settings, 'mode' | 'secret' | 'allowedOrigins' | 'allowHttp'>;
  readonly writtenAt: number | undefined;
  readonly now: number;
  /** Flags of Node itself. */
  readonly nodeFlags: readonly string[];
  readonly nodeOptions: string;
}

export function startWarnings({ settings, writtenAt, now, nodeFlags, nodeOptions }: StartFacts): readonly string[] {
  const warnings: string[] = [];
  if (settings.mode === 'development') {
    const { secret, allowedOrigins, allowHttp } = settings;
    const values = { allowedOrigins, allowHttp, ...(secret === undefined ? {} : { secret }) };
    for (const fault of productionFaults(values, nodeFlags, nodeOptions)) {
      warnings.push(`Production would not start: ${fault}`);
    }
  }
  if (now < earliest) {
    warnings.push(
      `The clock is wrong: it shows ${new Date(now).toISOString()}, before this version was made; tokens are judged by it, so set it, for example by NTP`,
    );
  } else if (writtenAt !== undefined && writtenAt - now > aheadMs) {
    warnings.push(
      `The clock is wrong, or was: the database was written at ${new Date(writtenAt).toISOString()}, ${spanOf(writtenAt - now)} from now; tokens are judged by it, so compare it with another machine's and set it, for example by NTP`,
    );
  }
  return warnings;
}

/** A span as a person says it. */
export function spanOf(ms: number): string {
  const minutes = Math.round(ms / 60_000);
  if (minutes < 120) return `${minutes} min`;
  return minutes < 2_880 ? `${Math.round(minutes / 60)} hours` : `${Math.round(minutes / 1_440)} days`;
}

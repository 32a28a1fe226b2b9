// What a hub says of itself at the start, where it runs all the same: what production would not start with, and a clock
// that cannot be right. Called by hub.ts once; each is one sentence with its cure.

import { statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { productionFaults, type Settings } from '../settings.ts';
import { databaseFile } from '../storage/database.ts';

/** No hub of this version ran before: a clock that shows less was never set. */
const earliest = Date.UTC(2026, 0, 1);
/** What is younger than now by more was written by another clock; less is the rounding of a file system, or a shared disk. */
const aheadMs = 5 * 60_000;

/** Something with a time, by the clock that was here then, or where it was made. */
export interface Written {
  readonly what: string;
  readonly at: number;
}

/** When the program and the hub's database were written, as their files say. Asked before the database is opened. */
export function filesWritten(directory: string): readonly Written[] {
  // What comes as a package has a time long past, and says nothing.
  const program = fileWritten('this program', fileURLToPath(import.meta.url));
  const parts = ['', '-wal'].flatMap((part) => fileWritten('the database', join(directory, databaseFile + part)));
  return [...parts, ...program];
}

function fileWritten(what: string, path: string): readonly Written[] {
  try {
    return [{ what, at: statSync(path).mtimeMs }];
  } catch {
    // What else is wrong with the place is said by who opens it.
    return [];
  }
}

export interface StartFacts {
  readonly settings: Pick<Settings, 'mode' | 'secret' | 'allowedOrigins' | 'allowHttp'>;
  readonly written: readonly Written[];
  readonly now: number;
  /** Flags of Node itself. */
  readonly nodeFlags: readonly string[];
  readonly nodeOptions: string;
}

export function startWarnings({ settings, written, now, nodeFlags, nodeOptions }: StartFacts): readonly string[] {
  const warnings: string[] = [];
  if (settings.mode === 'development') {
    const { secret, allowedOrigins, allowHttp } = settings;
    const values = { allowedOrigins, allowHttp, ...(secret === undefined ? {} : { secret }) };
    for (const fault of productionFaults(values, nodeFlags, nodeOptions)) {
      warnings.push(`Production would not start: ${fault}`);
    }
  }
  const [newest] = written.toSorted((one, other) => other.at - one.at);
  if (now < earliest) {
    warnings.push(
      `The clock is wrong: it shows ${new Date(now).toISOString()}, before this version was made; tokens are judged by it, so set it, for example by NTP`,
    );
  } else if (newest !== undefined && newest.at - now > aheadMs) {
    warnings.push(
      `The clock is wrong, or was: ${newest.what} was written at ${new Date(newest.at).toISOString()}, ${spanOf(newest.at - now)} from now; tokens are judged by it, so compare it with another machine's and set it, for example by NTP`,
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

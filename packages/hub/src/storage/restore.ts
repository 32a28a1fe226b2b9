// Puts a backup in the place of a data directory's database. Used by the command only, while no hub runs on it.

import { copyFileSync, existsSync, mkdtempSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { type Kysely, sql } from 'kysely';
import Libsql from 'libsql';
import { errorCode, StartFault } from '../start-fault.ts';
import { databaseFile, openDatabase, prepareDataDirectory } from './database.ts';
import type { Tables } from './schema.ts';

/** Whether another program holds the database open and in use. */
function isInUse(file: string): boolean {
  if (!existsSync(file)) return false;
  let db: Libsql.Database | undefined;
  try {
    db = new Libsql(file);
    // Leaving write-ahead mode needs the file alone, so any other connection makes this fail.
    db.pragma('locking_mode = EXCLUSIVE');
    const [row] = db.pragma('journal_mode = DELETE') as readonly { journal_mode?: string }[];
    return row?.journal_mode === 'wal';
  } catch (error) {
    // A damaged file is what a restore is for.
    return errorCode(error).startsWith('SQLITE_BUSY');
  } finally {
    db?.close();
  }
}

/**
 * Gives each log a new epoch: what was appended after the backup has been shown under the old one, and its offsets must
 * not come again. What `once` remembered is forgotten, or agents would be sent back to what they no longer have.
 */
async function beginLogsAnew(db: Kysely<Tables>): Promise<void> {
  await db
    .updateTable('logs')
    .set({ epoch: sql<string>`lower(hex(randomblob(10)))` })
    .execute();
  await db.deleteFrom('once').execute();
  // What a run's events came to is still so, under the new epoch of its log.
  await db
    .updateTable('runs')
    .set((row) => ({
      folded_epoch: row
        .selectFrom('logs')
        .select('epoch')
        .where('logs.channel', '=', sql<string>`'runs/' || runs.id`),
    }))
    .where('folded_epoch', 'is not', null)
    .execute();
}

/**
 * Checks a backup, brings it to this version's shape, ends logins and enrolments in it, gives its logs new epochs and puts
 * it in place; the database that was there stays beside it as `telltale.db.before-restore`. Throws a StartFault, with
 * nothing changed, if the backup is damaged or a hub runs.
 */
export async function restoreBackup(directory: string, backup: string): Promise<void> {
  if (!existsSync(backup))
    throw new StartFault([`There is no backup ${backup}: give the file that "telltale backup" wrote.`]);
  prepareDataDirectory(directory);
  const file = join(directory, databaseFile);
  if (isInUse(file)) {
    throw new StartFault([`A hub runs on ${directory}: stop it first, then restore.`]);
  }
  const place = mkdtempSync(join(directory, 'restore-'));
  try {
    const copy = join(place, databaseFile);
    copyFileSync(backup, copy);
    const db = await openDatabase(place).catch((error: unknown) => {
      if (!(error instanceof StartFault) || !/damaged/.test(error.message)) throw error;
      throw new StartFault([
        `${backup} is no backup of Telltale, or is damaged: give a file that "telltale backup" wrote.`,
      ]);
    });
    // A login of the past may have ended since, and its refresh tokens were spent: none comes back to life.
    await db.deleteFrom('logins').execute();
    // Nor an enrolment: it may have been spent, or ended.
    await db.deleteFrom('enrolments').execute();
    await beginLogsAnew(db);
    // Everything into the one file that is moved: libsql closes a connection only when its statements are collected.
    await sql`PRAGMA wal_checkpoint(TRUNCATE)`.execute(db);
    await db.destroy();
    for (const suffix of ['', '-wal', '-shm']) {
      if (existsSync(file + suffix)) renameSync(file + suffix, `${file}.before-restore${suffix}`);
    }
    renameSync(copy, file);
  } finally {
    rmSync(place, { recursive: true, force: true });
  }
}

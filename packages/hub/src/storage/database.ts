// Opens the hub's SQLite file: directory, pragmas, integrity, migrations. Every way this can go wrong is a StartFault of
// one sentence. Used by the worker thread of a hub and directly by the command's short errands.

import { accessSync, chmodSync, closeSync, constants, existsSync, mkdirSync, openSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { Kysely, Migrator, type SqliteDatabase, SqliteDialect, sql } from 'kysely';
import Libsql from 'libsql';
import { errorCode, StartFault } from '../start-fault.ts';
import { migrationNames, migrationProvider } from './migrations.ts';
import type { Tables } from './schema.ts';

/** Name of the database inside the data directory. */
export const databaseFile = 'telltale.db';

const mebibyte = 1024 * 1024;

// SQLite's own words can be several lines; a fault is one sentence.
function describe(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).replace(/\s+/g, ' ');
}

// Not by `recursive`: Node never returns where a parent exists but takes no directory, as below /proc.
function makeDirectory(directory: string): void {
  if (existsSync(directory)) return;
  makeDirectory(dirname(directory));
  mkdirSync(directory, { mode: 0o700 });
}

/** Makes the data directory (0700) if need be and proves that it can be written; throws a StartFault otherwise. */
export function prepareDataDirectory(directory: string): void {
  const cure = 'choose another with TELLTALE_DATA_DIR or --data-dir, or change its owner';
  try {
    const existed = existsSync(directory);
    makeDirectory(directory);
    if (!existed) chmodSync(directory, 0o700);
    if (!statSync(directory).isDirectory()) throw Object.assign(new Error('not a directory'), { code: 'ENOTDIR' });
    accessSync(directory, constants.R_OK | constants.W_OK | constants.X_OK);
  } catch (cause) {
    const code = errorCode(cause);
    const found = code === 'ENOTDIR' || code === 'EEXIST' ? 'is not a directory' : `cannot be written (${code})`;
    throw new StartFault([`The data directory ${directory} ${found}: ${cure}.`], { cause });
  }
}

function openFault(file: string, cause: unknown): StartFault {
  const code = errorCode(cause);
  if (code === 'SQLITE_NOTADB' || code.startsWith('SQLITE_CORRUPT') || code === 'DAMAGED') {
    return new StartFault(
      [
        `The database ${file} is damaged (${describe(cause)}): put a backup in its place with "telltale restore <file>", or move it away to start empty.`,
      ],
      { cause },
    );
  }
  if (code.startsWith('SQLITE_BUSY')) {
    return new StartFault([`The database ${file} is locked by another program: stop that program and try again.`], {
      cause,
    });
  }
  return new StartFault([`The database ${file} cannot be opened (${describe(cause)}): check its owner and its mode.`], {
    cause,
  });
}

/**
 * Looks for damage. A check of everything reads every page, which takes seconds for each gigabyte: of a large file the
 * messages are left out, and damage among them is met by who reads them.
 */
function check(raw: Libsql.Database, file: string): void {
  const checks = statSync(file).size < 64 * mebibyte ? ['quick_check(1)'] : tablesBesideMessages(raw);
  for (const pragma of checks) {
    const [first] = raw.pragma(pragma) as readonly { quick_check?: string }[];
    const verdict = first?.quick_check;
    if (verdict !== 'ok') throw Object.assign(new Error(verdict ?? 'no answer'), { code: 'DAMAGED' });
  }
}

function tablesBesideMessages(raw: Libsql.Database): readonly string[] {
  const tables = raw.prepare(`select name from sqlite_master where type = 'table' and name <> 'appends'`).all();
  return (tables as readonly { name: string }[]).map(({ name }) => `quick_check('${name}')`);
}

/** SQLite itself ends a transaction when the disk is full: the rollback that follows must not hide why. */
function forKysely(raw: Libsql.Database): SqliteDatabase {
  return {
    prepare: (text) => raw.prepare(text === 'rollback' && !raw.inTransaction ? 'select 1' : text),
    close: () => raw.close(),
  };
}

/** Opens, checks and migrates the database of a data directory. */
export async function openDatabase(directory: string): Promise<Kysely<Tables>> {
  prepareDataDirectory(directory);
  const file = join(directory, databaseFile);
  let raw: Libsql.Database | undefined;
  try {
    if (existsSync(file)) accessSync(file, constants.R_OK | constants.W_OK);
    else closeSync(openSync(file, 'a', 0o600));
    // Before SQLite opens it: what it puts beside it holds the same secrets, and gets the mode the file has then.
    for (const part of ['', '-wal', '-shm']) if (existsSync(file + part)) chmodSync(file + part, 0o600);
    raw = new Libsql(file);
    raw.exec('PRAGMA busy_timeout = 5000');
    raw.exec('PRAGMA foreign_keys = ON');
    raw.pragma('journal_mode = WAL');
    raw.exec('PRAGMA synchronous = FULL');
    // What was deleted is overwritten, not only forgotten: a message taken back must not be found in the file.
    raw.exec('PRAGMA secure_delete = ON');
    // What a long read kept from being folded back is given back to the disk afterwards.
    raw.exec(`PRAGMA journal_size_limit = ${64 * mebibyte}`);
    check(raw, file);
  } catch (cause) {
    raw?.close();
    throw openFault(file, cause);
  }
  const db = new Kysely<Tables>({ dialect: new SqliteDialect({ database: forKysely(raw) }) });
  try {
    await migrate(db, file);
  } catch (fault) {
    await db.destroy();
    throw fault instanceof StartFault ? fault : openFault(file, fault);
  }
  return db;
}

async function migrate(db: Kysely<Tables>, file: string): Promise<void> {
  const present = await sql<{ name: string }>`select name from sqlite_master where name = 'kysely_migration'`.execute(
    db,
  );
  if (present.rows.length > 0) {
    const applied = await sql<{ name: string }>`select name from kysely_migration`.execute(db);
    const unknown = applied.rows.filter(({ name }) => !migrationNames.includes(name));
    if (unknown.length > 0) {
      throw new StartFault([
        `The database ${file} was written by a newer Telltale (it holds ${unknown.map(({ name }) => name).join(', ')}): start that version, or restore an older backup.`,
      ]);
    }
  }
  const { error } = await new Migrator({ db, provider: migrationProvider }).migrateToLatest();
  if (error !== undefined) throw error;
}

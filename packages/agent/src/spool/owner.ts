// Whose a spool is: one process at a time. A process is known by its id and by when it began, so that another one with
// the same id is not taken for it; a spool whose owner is gone may be taken over, by one of those who try.

import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { freeReserve } from './reserve.ts';
import { identityOf, isFull, removeFile, type SpoolFiles } from './spool-files.ts';

export interface Owner {
  readonly pid: number;
  /** The machine's boot and the process's beginning within it; absent where the system does not say. */
  readonly began?: string;
  /** Whose directory it is: one that was copied brings its owner's file along, but not its owner. */
  readonly directory: string;
}

export type Claim =
  | { readonly kind: 'claimed'; readonly release: () => void }
  /** By this process, which lives. */
  | { readonly kind: 'owned'; readonly pid: number };

const namePattern = /^owner-(\d+)\.json$/;

/**
 * Makes this process the owner of a spool's directory, or says who is. Throws what the disk throws.
 *
 * A claim is a file with a number of its own, linked into place whole. Who finds dead owners takes the next number, which
 * only one can get; who then finds another one living gives its own back.
 */
export function claim(files: SpoolFiles, directory: string): Claim {
  const path = (number: number): string => join(directory, `owner-${number}.json`);
  const own = identityOf(files, directory);
  const others = (): { number: number; owner: Owner | undefined }[] =>
    files.readdirSync(directory).flatMap((name) => {
      const number = namePattern.exec(name)?.[1];
      return number === undefined ? [] : [{ number: Number(number), owner: readOwner(files, join(directory, name)) }];
    });
  const living = (except?: number): Owner | undefined =>
    others().find(({ number, owner }) => number !== except && owner?.directory === own && isAlive(owner))?.owner;

  const before = living();
  if (before !== undefined) return { kind: 'owned', pid: before.pid };
  const dead = others().map(({ number }) => number);
  const mine = Math.max(0, ...dead) + 1;
  const text = JSON.stringify(thisProcess(own));
  const draft = join(directory, `owner-${randomBytes(8).toString('hex')}.new`);
  const write = (): void => {
    files.writeFileSync(draft, text, { mode: 0o600 });
    linkOrWrite(files, draft, path(mine), text);
  };
  try {
    try {
      write();
    } catch (error) {
      if (!isFull(error)) throw error;
      freeReserve(files, directory);
      write();
    }
  } catch (error) {
    const winner = living();
    if (winner === undefined) throw error;
    return { kind: 'owned', pid: winner.pid };
  } finally {
    removeFile(files, draft);
  }
  const rival = living(mine);
  if (rival !== undefined) {
    removeFile(files, path(mine));
    return { kind: 'owned', pid: rival.pid };
  }
  for (const number of dead) removeFile(files, path(number));
  return { kind: 'claimed', release: () => removeFile(files, path(mine)) };
}

/** Puts a claim into place, which only one can do: whole at once, where the file system has links. */
function linkOrWrite(files: SpoolFiles, draft: string, path: string, text: string): void {
  try {
    files.linkSync(draft, path);
  } catch (error) {
    const { code = '' } = error as NodeJS.ErrnoException;
    if (!['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EMLINK'].includes(code)) throw error;
    try {
      files.writeFileSync(path, text, { mode: 0o600, flag: 'wx' });
    } catch (fault) {
      if ((fault as NodeJS.ErrnoException).code !== 'EEXIST') removeFile(files, path);
      throw fault;
    }
  }
}

function readOwner(files: SpoolFiles, path: string): Owner | undefined {
  try {
    const { pid, began, directory } = JSON.parse(files.readFileSync(path, 'utf8')) as Partial<Owner>;
    if (typeof pid !== 'number' || typeof directory !== 'string') return undefined;
    return { pid, directory, ...(typeof began === 'string' ? { began } : {}) };
  } catch {
    return undefined;
  }
}

function thisProcess(directory: string): Owner {
  const began = beginningOf(process.pid);
  return { pid: process.pid, directory, ...(began === undefined ? {} : { began }) };
}

function isAlive({ pid, began }: Owner): boolean {
  try {
    process.kill(pid, 0);
  } catch (error) {
    // It is there, but another user's.
    if ((error as NodeJS.ErrnoException).code !== 'EPERM') return false;
  }
  const now = beginningOf(pid);
  return began === undefined || now === undefined || began === now;
}

let boot: string | undefined;

/** `<boot id>/<clock ticks>`, from /proc; undefined elsewhere. */
function beginningOf(pid: number): string | undefined {
  try {
    boot ??= readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The name stands in brackets and may itself hold brackets and spaces; the beginning is the 22nd field.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    // A process that has ended, and whose parent has not looked yet, owns nothing.
    return fields[0] === 'Z' ? undefined : `${boot}/${fields[19]}`;
  } catch {
    return undefined;
  }
}

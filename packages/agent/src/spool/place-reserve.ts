// Room that a place keeps on disk for runs that begin when there is none: each takes a share of it, enough to say that it
// began, how it ended and how much of it is missing. Small files, since a disk can run out of files as well, and since each
// can be removed by one alone. Filled by whoever sends runs on, and at the end of each run.

import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { realFiles, removeFile, type SpoolFiles } from './spool-files.ts';

const shares = 8;
/** A spool has a directory and five files, of which its own reserve is the largest. */
const filesPerShare = 6;
const fileBytes = 16 * 1024;

const folderOf = (placeDirectory: string): string => join(placeDirectory, 'reserve');
const names: readonly string[] = Array.from({ length: shares * filesPerShare }, (_, index) => String(index + 1));

/** Makes what is missing of it, as far as there is room. */
export function fillPlaceReserve(placeDirectory: string, files: SpoolFiles = realFiles): void {
  const folder = folderOf(placeDirectory);
  try {
    const found = new Set(filesIn(files, folder));
    for (const name of names) if (!found.has(name)) fill(files, join(folder, name));
  } catch {
    // Then it is as large as it is.
  }
}

/** Made where the place is, and only there: one that was removed does not come back. */
function filesIn(files: SpoolFiles, folder: string): readonly string[] {
  try {
    return files.readdirSync(folder);
  } catch {
    files.mkdirSync(folder, { mode: 0o700 });
    return [];
  }
}

function fill(files: SpoolFiles, path: string): void {
  try {
    // What could be compressed would take less room than it gives.
    files.writeFileSync(path, randomBytes(fileBytes), { mode: 0o600, flag: 'wx' });
  } catch (error) {
    // Somebody else fills it too.
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return;
    removeFile(files, path);
    throw error;
  }
}

/** Gives one share of it up, for what is written next; false: there is none left. */
export function takeShare(placeDirectory: string, files: SpoolFiles = realFiles): boolean {
  const folder = folderOf(placeDirectory);
  let taken = 0;
  for (const name of names) {
    if (taken === filesPerShare) break;
    try {
      files.unlinkSync(join(folder, name));
      taken++;
    } catch {
      // It is gone: somebody else has taken it.
    }
  }
  return taken > 0;
}

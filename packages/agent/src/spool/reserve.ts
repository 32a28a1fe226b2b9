// Room that is kept on disk for when there is none: first for the last words of a process, then for the claim of whoever
// takes its spool over. It is a file with content, since a hole takes no room.

import { join } from 'node:path';
import { removeFile, type SpoolFiles } from './spool-files.ts';

const name = 'reserve';
/** What a process may say at its end, and what remains of it for who comes next. */
const wholeBytes = 64 * 1024;
const restBytes = 16 * 1024;

/** Makes it where it is not yet, as far as there is room now. */
export function makeReserve(files: SpoolFiles, directory: string): void {
  try {
    files.writeFileSync(join(directory, name), Buffer.alloc(wholeBytes), { flag: 'wx', mode: 0o600 });
  } catch (error) {
    // A part of it would only take the room of what is to be written.
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') freeReserve(files, directory);
  }
}

/** Lets go of the part that is for the last words. */
export function freeForLastWords(files: SpoolFiles, directory: string): void {
  let descriptor: number;
  try {
    descriptor = files.openSync(join(directory, name), 'r+');
  } catch {
    return;
  }
  try {
    if (files.fstatSync(descriptor).size > restBytes) files.ftruncateSync(descriptor, restBytes);
  } catch {
    // Then it stays as large as it is.
  } finally {
    files.closeSync(descriptor);
  }
}

/** Lets go of all of it. */
export function freeReserve(files: SpoolFiles, directory: string): void {
  removeFile(files, join(directory, name));
}

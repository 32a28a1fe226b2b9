// Room that is kept on disk for when there is none: first for the last words of a process, then for the claim of whoever
// takes its spool over. It is a file with content that nothing compresses, since a hole takes no room.

import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { removeFile, type SpoolFiles, writeAll } from './spool-files.ts';

const name = 'reserve';
/** What a process may say at its end, and what remains of it for who comes next. */
const wholeBytes = 64 * 1024;
const restBytes = 16 * 1024;

/** Makes it, or makes it whole again; where there is no room for that it stays as it was. */
export function makeReserve(files: SpoolFiles, directory: string): void {
  let descriptor: number;
  try {
    descriptor = files.openSync(join(directory, name), 'a+', 0o600);
  } catch {
    return;
  }
  try {
    const { size } = files.fstatSync(descriptor);
    try {
      if (size < wholeBytes) writeAll(files, descriptor, randomBytes(wholeBytes - size), size);
    } catch {
      // A part more would only take the room of what is to be written.
      files.ftruncateSync(descriptor, size);
    }
  } catch {
    // Then it is as large as it is.
  } finally {
    files.closeSync(descriptor);
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

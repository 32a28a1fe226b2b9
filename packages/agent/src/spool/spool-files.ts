// The seam to the file system: what a spool asks of it, all of it synchronous, so that what was appended is with the
// kernel when `append` returns, whatever becomes of the process. Tests pass one that is full, or that dies half-way.

import * as fs from 'node:fs';

/** The calls of `node:fs` that a spool makes. */
export type SpoolFiles = Pick<
  typeof fs,
  | 'closeSync'
  | 'fstatSync'
  | 'ftruncateSync'
  | 'linkSync'
  | 'mkdirSync'
  | 'openSync'
  | 'readFileSync'
  | 'readSync'
  | 'readdirSync'
  | 'renameSync'
  | 'rmSync'
  | 'rmdirSync'
  | 'statSync'
  | 'unlinkSync'
  | 'writeFileSync'
  | 'writeSync'
>;

export const realFiles: SpoolFiles = fs;

/** Writes all of a text at a position; throws what the system throws, a full disk included. */
export function writeAll(files: SpoolFiles, descriptor: number, bytes: Buffer, position: number): void {
  for (let written = 0; written < bytes.length;) {
    written += files.writeSync(descriptor, bytes, written, bytes.length - written, position + written);
  }
}

/** Puts a whole file in the place of another, or leaves everything as it was and throws. */
export function replaceFile(files: SpoolFiles, path: string, text: string): void {
  const temporary = `${path}.new`;
  try {
    files.writeFileSync(temporary, text, { mode: 0o600 });
    files.renameSync(temporary, path);
  } catch (error) {
    removeFile(files, temporary);
    throw error;
  }
}

/** Removes a file if it is there; what cannot be removed stays, and is removed at the next opening. */
export function removeFile(files: SpoolFiles, path: string): void {
  try {
    files.unlinkSync(path);
  } catch {
    // It is gone already, or the disk does not let us.
  }
}

/** Whether something failed because the disk, or one's share of it, has no room. */
export function isFull(error: unknown): boolean {
  return ['ENOSPC', 'EDQUOT'].includes((error as NodeJS.ErrnoException | undefined)?.code ?? '');
}

/** What tells a directory from its copies. */
export function identityOf(files: SpoolFiles, directory: string): string {
  return String(files.statSync(directory, { bigint: true }).ino);
}

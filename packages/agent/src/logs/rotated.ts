// Finds what a log file was before it was rotated away: its own old selves beside it, `app.log.1` or `app.log-20260101`,
// by what identifies a file whatever it is called.

import { readdirSync, statSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';

export interface FileIdentity {
  /** Device and inode: the same file under another name. */
  readonly id: string;
  readonly size: number;
  readonly modifiedAt: number;
}

export interface RotatedFile extends FileIdentity {
  readonly path: string;
}

/** What a regular file is, whatever it is called; undefined: there is none. */
export function identify(path: string): FileIdentity | undefined {
  const found = statSync(path, { bigint: true, throwIfNoEntry: false });
  if (found === undefined || !found.isFile()) return undefined;
  return { id: `${found.dev}:${found.ino}`, size: Number(found.size), modifiedAt: Number(found.mtimeNs) / 1e6 };
}

/** What a file was before: uncompressed files beside it with its name and a number or date behind, the oldest first. */
export function rotatedOf(path: string): readonly RotatedFile[] {
  const [folder, name] = [dirname(path), basename(path)];
  let names: string[];
  try {
    names = readdirSync(folder);
  } catch {
    return [];
  }
  return names
    .filter((other) => other.startsWith(name) && /^[.-]\d[\d.T_-]*$/.test(other.slice(name.length)))
    .flatMap((other): RotatedFile[] => {
      const found = identify(join(folder, other));
      return found === undefined ? [] : [{ ...found, path: join(folder, other) }];
    })
    .sort((one, other) => one.modifiedAt - other.modifiedAt);
}

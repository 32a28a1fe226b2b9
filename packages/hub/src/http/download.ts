// The packed command that other machines install from here: found once at start, beside this package or where a checkout
// builds it, and held in memory. Knows nothing of requests.

import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Download } from '../api.ts';
import { downloadDirectories } from '../places.ts';

export interface PackedCommand extends Download {
  readonly content: Buffer;
}

/** The path at which a hub of this version hands it out. */
export function downloadPath(version: string): string {
  return `/download/telltale-${version}.tgz`;
}

/** Reads the packed command of this version; undefined: it has not been built. */
export function readPackedCommand(
  version: string,
  directories: readonly URL[] = downloadDirectories,
): PackedCommand | undefined {
  const file = directories
    .map((directory) => fileURLToPath(new URL(`telltale-${version}.tgz`, directory)))
    .find((path) => existsSync(path));
  if (file === undefined) return undefined;
  const content = readFileSync(file);
  const sha256 = createHash('sha256').update(content).digest('hex');
  return { version, path: downloadPath(version), bytes: content.length, sha256, content };
}

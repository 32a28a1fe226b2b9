// What the channels of log files are called: the path in the letters that a channel may have. Pure.

import { createHash } from 'node:crypto';

/** A log file as the hub knows it: `logs/<agent>/<file>`, with its path for people. */
export interface LogName {
  readonly file: string;
  readonly path: string;
}

const mostLetters = 64;
const hashLetters = 8;

/** Names for these paths, each its own: `/var/log/syslog` is `var-log-syslog`. */
export function logNames(paths: readonly string[]): readonly LogName[] {
  const plain = paths.map((path) => ({ path, file: lettersOf(path) }));
  return plain.map(({ path, file }) => {
    const isAmbiguous = plain.some((other) => other.path !== path && other.file === file);
    if (!isAmbiguous && file.length <= mostLetters && file !== '') return { path, file };
    // The end of a path says more than its beginning.
    const end = file.slice(-(mostLetters - hashLetters - 1)).replace(/^[^a-z0-9]+/, '');
    const hash = createHash('sha256').update(path).digest('hex').slice(0, hashLetters);
    return { path, file: end === '' ? hash : `${end}-${hash}` };
  });
}

function lettersOf(path: string): string {
  return path
    .toLowerCase()
    .replaceAll(/[^a-z0-9._]+/g, '-')
    .replaceAll(/^[^a-z0-9]+|-+$/g, '');
}

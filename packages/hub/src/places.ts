// What the hub finds beside itself. Lies at the top of the folder, so that the package is one step up from the sources,
// from what is built and from the command it is joined into.

import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** This package's version. */
export const hubVersion: string = (
  JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as { version: string }
).version;

/** Where the built page is: inside the package, or in the repository. */
export function dashboardDirectory(): string {
  const packed = fileURLToPath(new URL('../dashboard', import.meta.url));
  return existsSync(packed) ? packed : fileURLToPath(new URL('../../../apps/dashboard/dist', import.meta.url));
}

/** Where the command for other machines may be, likewise. */
export const downloadDirectories: readonly URL[] = [
  new URL('../download/', import.meta.url),
  new URL('../../../dist-pack/', import.meta.url),
];

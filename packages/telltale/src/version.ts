// The version of this command: its package's. Lies at the top of the folder, so that the package is one step up from the
// sources, from what is built and from what is packed.

import { readFileSync } from 'node:fs';

export const version: string = (
  JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as { version: string }
).version;

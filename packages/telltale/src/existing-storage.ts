// Opens the database that a hub uses, for errands that make no sense on a new one: an empty backup, or a token signed
// with a secret that no hub knows. Called by the commands; what a database is, the hub knows.

import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { openStorageHere, StartFault, type Storage } from '@telltale/hub';

/** Opens the database of a data directory. Throws a StartFault if none is there yet, or if it cannot be used. */
export async function openExistingStorage(directory: string): Promise<Storage> {
  const isMissing = !existsSync(directory) || statSync(directory).isDirectory();
  if (isMissing && !existsSync(join(directory, 'telltale.db'))) {
    throw new StartFault([
      `There is no hub's database in ${directory}: name the data directory of the hub with --data-dir or TELLTALE_DATA_DIR, or start the hub first.`,
    ]);
  }
  return await openStorageHere(directory);
}

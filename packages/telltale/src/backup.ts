// `telltale backup` and `telltale restore`: a consistent copy of the data directory's database, and back.

import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { restoreBackup, StartFault } from '@telltale/hub';
import type { Command } from './command.ts';
import { openExistingStorage } from './existing-storage.ts';
import { settingFlags, settingsOf } from './setting-flags.ts';
import { say } from './terminal.ts';

const dataDir = ['dataDir'] as const;

export const backup: Command = {
  flags: settingFlags(dataDir),
  notes: ['The file holds password hashes and, in development, the secret of tokens: keep it as safe as both.'],
  async run(input, terminal) {
    const file = resolve(terminal.directory, input.positionals[0] ?? '');
    if (existsSync(file)) throw new StartFault([`${file} exists already: name a new file.`]);
    const storage = await openExistingStorage(settingsOf(input, terminal, dataDir).dataDir);
    try {
      await storage.backup(file);
    } catch (cause) {
      throw new StartFault(
        [`The backup ${file} cannot be written: ${cause instanceof Error ? cause.message : String(cause)}.`],
        {
          cause,
        },
      );
    } finally {
      await storage.close();
    }
    say(terminal, `Wrote ${file}`);
    return 0;
  },
};

export const restore: Command = {
  flags: settingFlags(dataDir),
  notes: [
    'Everybody signs in again afterwards: logins of the past do not come back.',
    'The database that was there stays beside it as telltale.db.before-restore.',
  ],
  async run(input, terminal) {
    const file = resolve(terminal.directory, input.positionals[0] ?? '');
    const { dataDir: directory } = settingsOf(input, terminal, dataDir);
    await restoreBackup(directory, file);
    say(terminal, `Restored ${directory} from ${file}`);
    return 0;
  },
};

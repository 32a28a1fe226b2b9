// `telltale user …`: accounts of a data directory, also while a hub runs on it; that hub notices within two seconds.

import {
  createPasswords,
  isAcceptablePassword,
  isUsername,
  openStorageHere,
  passwordRule,
  StartFault,
  type Storage,
  usernameRule,
} from '@telltale/hub';
import { isScope } from '@telltale/protocol';
import { type Command, type CommandInput, UsageFault } from './command.ts';
import { settingFlags, settingsOf } from './setting-flags.ts';
import { readPassword, say, type Terminal } from './terminal.ts';

const dataDir = ['dataDir'] as const;
const fromInput = 'The password is asked for, or read as the first line of standard input.';

/** Opens the storage for one errand. */
async function withStorage<Result>(
  input: CommandInput,
  terminal: Terminal,
  errand: (storage: Storage) => Promise<Result>,
): Promise<Result> {
  const storage = await openStorageHere(settingsOf(input, terminal, dataDir).dataDir);
  try {
    return await errand(storage);
  } finally {
    await storage.close();
  }
}

function usernameOf(input: CommandInput): string {
  const [username = ''] = input.positionals;
  if (isUsername(username)) return username;
  throw new UsageFault(`<username>: found ${JSON.stringify(username)}, expected ${usernameRule}`);
}

async function passwordFor(username: string, terminal: Terminal): Promise<string> {
  const password = await readPassword(terminal);
  if (password === undefined) throw new UsageFault('No password was given, or the two differ; nothing was changed');
  if (!isAcceptablePassword(password, username)) {
    throw new UsageFault(`password: found ${[...password].length} characters, expected ${passwordRule}`);
  }
  return await createPasswords().hash(password);
}

function missing(username: string): StartFault {
  return new StartFault([
    `There is no user ${username}: "telltale user list" shows all, "telltale user add" makes one.`,
  ]);
}

export const add: Command = {
  flags: [
    { name: 'role', value: 'role', meaning: 'viewer, operator or admin; default: viewer' },
    { name: 'name', value: 'text', meaning: 'a name for people; default: the username' },
    ...settingFlags(dataDir),
  ],
  notes: [fromInput],
  async run(input, terminal) {
    const username = usernameOf(input);
    const role = input.flags.get('role') ?? 'viewer';
    if (!isScope(role)) {
      throw new UsageFault(`--role: found ${JSON.stringify(role)}, expected viewer, operator or admin`);
    }
    const name = input.flags.get('name') ?? null;
    if (name !== null && !/^\P{Cc}{1,100}$/u.test(name)) {
      throw new UsageFault('--name: expected 1 to 100 characters, no control characters');
    }
    const added = await withStorage(input, terminal, async (storage) => {
      if ((await storage.passwordHash(username)) !== undefined) return false;
      const hash = await passwordFor(username, terminal);
      return await storage.addUser({ username, name, role, hash, now: Date.now() });
    });
    if (!added) throw new StartFault([`There is a user ${username} already: change it with "telltale user passwd".`]);
    say(terminal, `Added ${username} as ${role}`);
    return 0;
  },
};

export const list: Command = {
  flags: settingFlags(dataDir),
  async run(input, terminal) {
    const { users } = await withStorage(input, terminal, (storage) => storage.facts());
    if (users.length === 0) say(terminal, 'No users yet');
    const width = Math.max(8, ...users.map(({ username }) => username.length));
    for (const { username, role, disabled, name } of users) {
      const state = disabled === 1 ? 'disabled' : 'enabled';
      say(terminal, `${username.padEnd(width)}  ${role.padEnd(8)}  ${state.padEnd(8)}  ${name ?? ''}`.trimEnd());
    }
    return 0;
  },
};

export const passwd: Command = {
  flags: settingFlags(dataDir),
  notes: [fromInput],
  async run(input, terminal) {
    const username = usernameOf(input);
    const changed = await withStorage(input, terminal, async (storage) => {
      if ((await storage.passwordHash(username)) === undefined) return false;
      return await storage.setPassword(username, await passwordFor(username, terminal));
    });
    if (!changed) throw missing(username);
    say(terminal, `Changed the password of ${username}`);
    return 0;
  },
};

const switching = (words: 'disable' | 'enable'): Command => ({
  flags: settingFlags(dataDir),
  async run(input, terminal) {
    const username = usernameOf(input);
    const done = await withStorage(input, terminal, (storage) => storage.setDisabled(username, words === 'disable'));
    if (!done) throw missing(username);
    say(terminal, `${words === 'disable' ? 'Disabled' : 'Enabled'} ${username}`);
    return 0;
  },
});

export const disable: Command = switching('disable');
export const enable: Command = switching('enable');

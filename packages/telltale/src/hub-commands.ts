// The commands that run beside a hub or on its data directory, as the overview lists them. What each does is loaded only
// when it is meant: nothing of the hub is read for a command that needs none of it.

import type { ListedCommand } from './command.ts';

export const hubCommands: readonly ListedCommand[] = [
  {
    words: 'start',
    summary: 'Starts a hub: gateway, HTTP API and dashboard.',
    load: async () => (await import('./start.ts')).start,
  },
  {
    words: 'user add',
    positionals: ['username'],
    summary: 'Adds a user.',
    load: async () => (await import('./user.ts')).add,
  },
  {
    words: 'user list',
    summary: 'Lists the users.',
    load: async () => (await import('./user.ts')).list,
  },
  {
    words: 'user passwd',
    positionals: ['username'],
    summary: "Sets a user's password and ends all sessions of that user.",
    load: async () => (await import('./user.ts')).passwd,
  },
  {
    words: 'user disable',
    positionals: ['username'],
    summary: 'Disables a user and ends all sessions of that user.',
    load: async () => (await import('./user.ts')).disable,
  },
  {
    words: 'user enable',
    positionals: ['username'],
    summary: 'Enables a user again.',
    load: async () => (await import('./user.ts')).enable,
  },
  {
    words: 'token',
    summary: "Mints an access token with the hub's secret and prints it.",
    load: async () => (await import('./token.ts')).token,
  },
  {
    words: 'agent enrol',
    summary: 'Makes an enrolment token for a machine and prints the line to paste there.',
    load: async () => (await import('./agent-admin.ts')).enrol,
  },
  {
    words: 'agent list',
    summary: 'Lists the agents and how they stand.',
    load: async () => (await import('./agent-admin.ts')).list,
  },
  {
    words: 'agent revoke',
    positionals: ['name'],
    summary: "Revokes an agent's credential and ends its line.",
    load: async () => (await import('./agent-admin.ts')).revoke,
  },
  {
    words: 'backup',
    positionals: ['file'],
    summary: 'Writes a consistent copy of the database to a new file, also while a hub runs.',
    load: async () => (await import('./backup.ts')).backup,
  },
  {
    words: 'restore',
    positionals: ['file'],
    summary: 'Puts a backup in the place of the database, while no hub runs on it.',
    load: async () => (await import('./backup.ts')).restore,
  },
];

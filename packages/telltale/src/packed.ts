// The telltale command as a hub hands it out: for a machine that reports, with all it needs inside (scripts/pack.mjs). What
// needs the hub's own packages is not in it, and is told so instead of being unknown.

import { dispatch } from './dispatch.ts';
import { machineCommands } from './machine-commands.ts';
import { complain, processTerminal, type Terminal } from './terminal.ts';

/** How the commands begin that only the whole command has. */
export const wholeOnly: readonly string[] = [
  'start',
  'user',
  'token',
  'agent enrol',
  'agent list',
  'agent revoke',
  'backup',
  'restore',
];

/** Runs the command with these arguments; answers with the exit code. Never throws. */
export async function main(words: readonly string[], terminal: Terminal = processTerminal()): Promise<number> {
  const asked = `${words.join(' ')} `;
  const missing = wholeOnly.find((beginning) => asked.startsWith(`${beginning} `));
  if (missing !== undefined) {
    complain(
      terminal,
      `"telltale ${missing}" is not in this command, which a hub hands out to machines that report to it: run it where the hub is installed.`,
    );
    return 1;
  }
  return await dispatch(machineCommands, words, terminal);
}

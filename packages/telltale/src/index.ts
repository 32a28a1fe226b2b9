// The telltale command with all it can do. `main` is what bin/telltale.js calls.

import { hubCommands } from './hub-commands.ts';
import { machineCommands } from './machine-commands.ts';
import { dispatch } from './dispatch.ts';
import { processTerminal, type Terminal } from './terminal.ts';

export type { Terminal } from './terminal.ts';

/** Runs the command with these arguments; answers with the exit code. Never throws. */
export async function main(words: readonly string[], terminal: Terminal = processTerminal()): Promise<number> {
  return await dispatch([...hubCommands, ...machineCommands], words, terminal);
}

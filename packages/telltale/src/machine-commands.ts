// The commands for a machine that reports to a hub, as the overview lists them. These alone, with all they import, are
// the packed command that a hub hands out (scripts/pack.mjs): nothing here may lead to the hub or to a native module.

import type { ListedCommand } from './command.ts';

export const machineCommands: readonly ListedCommand[] = [
  {
    words: 'agent',
    summary: 'Reports this machine to a hub: readings, processes, log files.',
    load: async () => (await import('./agent.ts')).agent,
  },
  {
    words: 'run',
    behind: 'command',
    summary: 'Runs a command as it is, and reports its output, progress and outcome live.',
    load: async () => (await import('./run.ts')).run,
  },
  {
    words: 'doctor',
    positionals: ['address'],
    summary: 'Examines a WebSocket address from here and names the hop that is broken.',
    load: async () => (await import('./doctor.ts')).doctor,
  },
];

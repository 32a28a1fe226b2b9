// `telltale start`: runs a hub until a signal ends it. Standard output says what a person needs, the log goes to
// standard error.

import { settingRules, startHub } from '@telltale/hub';
import type { Command } from './command.ts';
import { environmentOnly, settingFlags, settingsOf } from './setting-flags.ts';
import { complain, say } from './terminal.ts';
import { untilSignalled } from './until-signalled.ts';

/** How long an orderly end may take before the process ends all the same, in milliseconds. */
const stopMs = 2000;

export const start: Command = {
  flags: settingFlags(),
  notes: [
    'Each setting is an environment variable or a flag; a flag wins. By environment only:',
    ...environmentOnly.map((key) => `  ${settingRules[key].name}  ${settingRules[key].meaning}`),
  ],
  async run(input, terminal) {
    const settings = settingsOf(input, terminal);
    // Listened for before anything says that Ctrl-C stops it.
    const signalled = untilSignalled();
    const hub = await startHub({ settings });
    // Whatever failed left the hub in a state nobody knows: say it, end, let whoever watches over it start it anew.
    const fail = (error: unknown): void => {
      complain(
        terminal,
        `Telltale ends after an error inside: ${error instanceof Error ? error.stack : String(error)}`,
      );
      setTimeout(() => process.exit(1), stopMs).unref();
      void hub.stop().finally(() => process.exit(1));
    };
    process.on('uncaughtException', fail);
    process.on('unhandledRejection', fail);

    say(terminal, `Telltale runs in ${settings.mode} mode on ${hub.url}`);
    if (hub.startLink !== undefined) {
      say(terminal, `Open ${hub.startLink} to sign in as administrator (works once, within 10 minutes)`);
    }
    say(terminal, 'Press Ctrl-C to stop');

    await signalled;
    setTimeout(() => process.exit(0), stopMs).unref();
    await hub.stop();
    return 0;
  },
};

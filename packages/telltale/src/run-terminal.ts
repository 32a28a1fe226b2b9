// `telltale run --tty`: a terminal for the command, lent by `script`, which every Linux with util-linux and every macOS
// brings along. Says how to call it; starts nothing.

import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';

/** A program and its arguments, and what it needs of the environment. */
export interface CommandLine {
  readonly file: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string | undefined>>;
  /** The program is one that lends the command a terminal. */
  readonly lender?: 'script';
}

/** A word as a shell reads it back. */
export function quoted(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}

/** Whether there is a program of this name where programs are looked for. */
function isInPath(name: string, path: string): boolean {
  return path.split(delimiter).some((directory) => existsSync(join(directory, name)));
}

/** How a command line is called so that it stands at a terminal of its own; undefined: this machine has no `script`. */
export function inTerminal({ file, args, env }: CommandLine, platform: NodeJS.Platform): CommandLine | undefined {
  if (!isInPath('script', env['PATH'] ?? '')) return undefined;
  if (platform !== 'linux') return { file: 'script', args: ['-q', '/dev/null', file, ...args], env, lender: 'script' };
  // `script` hands its line to $SHELL, which may be one that quotes otherwise; the command gets the real one back.
  const shell = env['SHELL'];
  const restore = shell === undefined ? 'unset SHELL;' : `SHELL=${quoted(shell)};`;
  const line = `${restore} exec ${[file, ...args].map(quoted).join(' ')}`;
  return {
    file: 'script',
    args: ['-q', '-e', '-f', '-c', line, '/dev/null'],
    env: { ...env, SHELL: '/bin/sh' },
    lender: 'script',
  };
}

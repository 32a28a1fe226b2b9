// The telltale command: finds the command that was meant, runs it, and turns what went wrong into one clear sentence and
// an exit code. 0: done, 1: it could not be done, 2: it was asked for wrongly.

import { closest, hubVersion, StartFault } from '@telltale/hub';
import { backupCommands } from './backup.ts';
import { type Command, helpOf, readArguments, UsageFault } from './command.ts';
import { start } from './start.ts';
import { complain, say, type Terminal } from './terminal.ts';
import { token } from './token.ts';
import { userCommands } from './user.ts';

export type { Terminal } from './terminal.ts';

const commands: readonly Command[] = [start, ...userCommands, token, ...backupCommands];

function overview(matching: readonly Command[]): string {
  const width =
    Math.max(...matching.map(({ words, positionals = [] }) => words.length + positionals.join('').length)) + 6;
  const rows = matching.map(({ words, positionals = [], summary }) => {
    const left = [words, ...positionals.map((name) => `<${name}>`)].join(' ');
    return `  ${left.padEnd(width)}${summary}`;
  });
  return [
    'Telltale: a live dashboard, and the WebSocket gateway under it.',
    '',
    'Usage: telltale <command> [flags]',
    '',
    ...rows,
    '',
    '"telltale <command> --help" says more about one; "telltale --version" prints the version.',
  ].join('\n');
}

function find(words: readonly string[]): { command: Command; rest: readonly string[] } | undefined {
  for (const command of commands) {
    const own = command.words.split(' ');
    if (own.every((word, index) => words[index] === word)) return { command, rest: words.slice(own.length) };
  }
  return undefined;
}

function isHelp(word: string | undefined): boolean {
  return word === '--help' || word === '-h' || word === 'help';
}

async function run(words: readonly string[], terminal: Terminal): Promise<number> {
  const [first, second] = words;
  if (first === undefined || isHelp(first)) {
    say(terminal, overview(commands));
    return 0;
  }
  if (first === '--version' || first === '-v') {
    say(terminal, hubVersion);
    return 0;
  }
  const found = find(words);
  if (found === undefined) {
    const group = commands.filter((command) => command.words.startsWith(`${first} `));
    if (group.length > 0 && (second === undefined || isHelp(second))) {
      say(terminal, overview(group));
      return second === undefined ? 2 : 0;
    }
    if (first.startsWith('-')) throw new UsageFault(`${first} is not a flag of "telltale"`);
    const asked = [first, ...(group.length > 0 && second !== undefined ? [second] : [])].join(' ');
    const meant = closest(
      asked,
      commands.map((command) => command.words),
    );
    throw new UsageFault(
      `"telltale ${asked}" is not a command${meant === undefined ? '' : `; did you mean "telltale ${meant}"?`}`,
    );
  }
  const input = readArguments(found.command, found.rest);
  if (input === 'help') {
    say(terminal, helpOf(found.command));
    return 0;
  }
  return await found.command.run(input, terminal);
}

/** Runs the command with these arguments; answers with the exit code. Never throws. */
export async function main(words: readonly string[], terminal: Terminal = processTerminal()): Promise<number> {
  try {
    return await run(words, terminal);
  } catch (error) {
    if (error instanceof UsageFault) {
      const name = find(words)?.command.words ?? '';
      complain(terminal, error.message);
      complain(terminal, `"telltale ${name === '' ? '' : `${name} `}--help" shows what there is.`);
      return 2;
    }
    if (error instanceof StartFault) {
      for (const sentence of error.sentences) complain(terminal, sentence);
      return 1;
    }
    complain(
      terminal,
      `Telltale failed inside: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`,
    );
    return 1;
  }
}

function processTerminal(): Terminal {
  const { stdin, stdout, stderr, env } = process;
  return { stdin, stdout, stderr, env, directory: process.cwd() };
}

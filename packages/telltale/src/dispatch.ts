// Finds the command that was meant among those there are, loads and runs it, and turns what went wrong into one clear
// sentence and an exit code. 0: done, 1: it could not be done, 2: it was asked for wrongly.

import { closest } from '@telltale/hub/closest';
import { StartFault } from '@telltale/hub/start-fault';
import { helpOf, type ListedCommand, readArguments, UsageFault } from './command.ts';
import { complain, say, type Terminal } from './terminal.ts';
import { version } from './version.ts';

type Commands = readonly ListedCommand[];

function overview(matching: Commands): string {
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

/** Of commands that begin alike the longest is meant: `agent enrol` before `agent`. */
function find(
  commands: Commands,
  words: readonly string[],
): { listed: ListedCommand; rest: readonly string[] } | undefined {
  const longest = commands
    .filter((command) => command.words.split(' ').every((word, index) => words[index] === word))
    .sort((one, other) => other.words.length - one.words.length)[0];
  return longest && { listed: longest, rest: words.slice(longest.words.split(' ').length) };
}

function isHelp(word: string | undefined): boolean {
  return word === '--help' || word === '-h' || word === 'help';
}

async function run(commands: Commands, words: readonly string[], terminal: Terminal): Promise<number> {
  const [first, second] = words;
  if (first === undefined || isHelp(first)) {
    say(terminal, overview(commands));
    return 0;
  }
  if (first === '--version' || first === '-v') {
    say(terminal, version);
    return 0;
  }
  const found = find(commands, words);
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
  const { listed, rest } = found;
  const command = await listed.load();
  const input = readArguments(listed, command, rest);
  if (input === 'help') {
    say(terminal, helpOf(listed, command));
    return 0;
  }
  return await command.run(input, terminal);
}

/** Runs the command that these words mean; answers with the exit code. Never throws. */
export async function dispatch(commands: Commands, words: readonly string[], terminal: Terminal): Promise<number> {
  try {
    return await run(commands, words, terminal);
  } catch (error) {
    if (error instanceof UsageFault) {
      const name = find(commands, words)?.listed.words ?? '';
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

// The shape of a command and how its arguments are read. A flag that does not exist, a value that is missing or one
// argument too many is a fault that names itself; nothing is guessed and nothing ignored.

import { parseArgs } from 'node:util';
import { closest } from '@telltale/hub';
import type { Terminal } from './terminal.ts';

export interface Flag {
  readonly name: string;
  /** Absent: the flag stands alone. */
  readonly value?: string;
  readonly meaning: string;
}

export interface Command {
  /** Words after `telltale`: `user add`. */
  readonly words: string;
  readonly summary: string;
  /** Names of the positional arguments, all required. */
  readonly positionals?: readonly string[];
  readonly flags?: readonly Flag[];
  /** Lines at the end of its help. */
  readonly notes?: readonly string[];
  /** Answers with the exit code. Throws a UsageFault for a bad value, a StartFault for what is not usable. */
  readonly run: (input: CommandInput, terminal: Terminal) => Promise<number>;
}

export interface CommandInput {
  readonly positionals: readonly string[];
  readonly flags: ReadonlyMap<string, string>;
}

/** The arguments are wrong: exit code 2, the sentence and where to read more. */
export class UsageFault extends Error {
  readonly code = 'ERR_USAGE';
}

const help: Flag = { name: 'help', meaning: 'shows this' };

/** Reads a command's arguments. Throws a UsageFault; answers `help` if that was asked for. */
export function readArguments(command: Command, words: readonly string[]): CommandInput | 'help' {
  const { flags = [], positionals: expected = [] } = command;
  const known = [...flags, help];
  const options = Object.fromEntries(
    known.map(({ name, value }) => [name, { type: value === undefined ? ('boolean' as const) : ('string' as const) }]),
  );
  const { tokens } = parseArgs({
    args: [...words],
    options: { ...options, h: { type: 'boolean' } },
    strict: false,
    tokens: true,
  });
  const found = new Map<string, string>();
  const positionals: string[] = [];
  for (const token of tokens) {
    if (token.kind === 'positional') positionals.push(token.value);
    if (token.kind !== 'option') continue;
    const { name, rawName, value } = token;
    if (name === 'help' || name === 'h') return 'help';
    const flag = known.find((candidate) => candidate.name === name && rawName === `--${name}`);
    if (flag === undefined) {
      const meant = closest(
        name,
        known.map((candidate) => candidate.name),
      );
      const hint = meant === undefined ? '' : `; did you mean --${meant}?`;
      throw new UsageFault(`${rawName} is not a flag of "telltale ${command.words}"${hint}`);
    }
    if (flag.value === undefined) {
      if (value !== undefined) throw new UsageFault(`${rawName} takes no value; found ${JSON.stringify(value)}`);
      found.set(name, '1');
      continue;
    }
    if (value === undefined || value === '' || (!token.inlineValue && value.startsWith('-'))) {
      throw new UsageFault(`${rawName} needs a value: ${rawName} <${flag.value}>`);
    }
    if (found.has(name)) throw new UsageFault(`${rawName} was given twice`);
    found.set(name, value);
  }
  const missing = expected[positionals.length];
  if (missing !== undefined) throw new UsageFault(`"telltale ${command.words}" needs <${missing}>`);
  const surplus = positionals[expected.length];
  if (surplus !== undefined) {
    throw new UsageFault(`"telltale ${command.words}" does not know what to do with ${JSON.stringify(surplus)}`);
  }
  return { positionals, flags: found };
}

/** The help of one command. */
export function helpOf(command: Command): string {
  const { words, summary, positionals = [], flags = [], notes = [] } = command;
  const usage = ['telltale', words, ...positionals.map((name) => `<${name}>`), flags.length > 0 ? '[flags]' : '']
    .filter((part) => part !== '')
    .join(' ');
  const rows = [...flags, help].map(({ name, value, meaning }) => ({
    left: `  --${name}${value === undefined ? '' : ` <${value}>`}`,
    meaning,
  }));
  const width = Math.max(...rows.map(({ left }) => left.length)) + 2;
  const lines = rows.map(
    ({ left, meaning }) => left.padEnd(width) + meaning.replaceAll('\n', `\n${' '.repeat(width)}`),
  );
  return [summary, '', `Usage: ${usage}`, '', ...lines, ...(notes.length > 0 ? ['', ...notes] : [])].join('\n');
}

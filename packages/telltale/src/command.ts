// The shape of a command and how its arguments are read. A flag that does not exist, a value that is missing or one
// argument too many is a fault that names itself; nothing is guessed and nothing ignored.

import { parseArgs } from 'node:util';
import { closest } from '@telltale/hub/closest';
import type { Terminal } from './terminal.ts';

export interface Flag {
  readonly name: string;
  /** Absent: the flag stands alone. */
  readonly value?: string;
  /** It may be given several times; its values are in the input's `lists`. */
  readonly isRepeatable?: true;
  readonly meaning: string;
}

/** A command as the overview lists it. What it does is loaded only when it is meant. */
export interface ListedCommand {
  /** Words after `telltale`: `user add`. */
  readonly words: string;
  readonly summary: string;
  /** Names of the positional arguments, all required. */
  readonly positionals?: readonly string[];
  /** What must follow a `--`, in words: a command line of its own, which nothing here reads. */
  readonly behind?: string;
  readonly load: () => Promise<Command>;
}

export interface Command {
  readonly flags?: readonly Flag[];
  /** Lines at the end of its help. */
  readonly notes?: readonly string[];
  /** Answers with the exit code. Throws a UsageFault for a bad value, a StartFault for what is not usable. */
  readonly run: (input: CommandInput, terminal: Terminal) => Promise<number>;
}

export interface CommandInput {
  readonly positionals: readonly string[];
  readonly flags: ReadonlyMap<string, string>;
  /** The values of flags that may be given several times, in order. */
  readonly lists: ReadonlyMap<string, readonly string[]>;
  /** The words behind `--`. */
  readonly behind: readonly string[];
}

/** The arguments are wrong: exit code 2, the sentence and where to read more. */
export class UsageFault extends Error {
  readonly code = 'ERR_USAGE';
}

const help: Flag = { name: 'help', meaning: 'shows this' };

/** Reads a command's arguments. Throws a UsageFault; answers `help` if that was asked for. */
export function readArguments(
  { words: name, positionals: expected = [], behind: follows }: ListedCommand,
  { flags = [] }: Command,
  words: readonly string[],
): CommandInput | 'help' {
  const end = follows === undefined ? -1 : words.indexOf('--');
  const behind = end < 0 ? [] : words.slice(end + 1);
  const known = [...flags, help];
  const options = Object.fromEntries(
    known.map((flag) => [flag.name, { type: flag.value === undefined ? ('boolean' as const) : ('string' as const) }]),
  );
  const { tokens } = parseArgs({
    args: end < 0 ? [...words] : words.slice(0, end),
    options: { ...options, h: { type: 'boolean' } },
    strict: false,
    tokens: true,
  });
  const found = new Map<string, string>();
  const lists = new Map<string, string[]>();
  const positionals: string[] = [];
  for (const token of tokens) {
    if (token.kind === 'positional') positionals.push(token.value);
    if (token.kind !== 'option') continue;
    const { rawName, value } = token;
    if (token.name === 'help' || token.name === 'h') return 'help';
    const flag = known.find((candidate) => candidate.name === token.name && rawName === `--${token.name}`);
    if (flag === undefined) {
      const meant = closest(
        token.name,
        known.map((candidate) => candidate.name),
      );
      const hint = meant === undefined ? '' : `; did you mean --${meant}?`;
      throw new UsageFault(`${rawName} is not a flag of "telltale ${name}"${hint}`);
    }
    if (flag.value === undefined) {
      if (value !== undefined) throw new UsageFault(`${rawName} takes no value; found ${JSON.stringify(value)}`);
      found.set(flag.name, '1');
      continue;
    }
    if (value === undefined || value === '' || (!token.inlineValue && value.startsWith('-'))) {
      throw new UsageFault(`${rawName} needs a value: ${rawName} <${flag.value}>`);
    }
    if (flag.isRepeatable === true) {
      lists.set(flag.name, [...(lists.get(flag.name) ?? []), value]);
      continue;
    }
    if (found.has(flag.name)) throw new UsageFault(`${rawName} was given twice`);
    found.set(flag.name, value);
  }
  const missing = expected[positionals.length];
  if (missing !== undefined) throw new UsageFault(`"telltale ${name}" needs <${missing}>`);
  const surplus = positionals[expected.length];
  if (surplus !== undefined) {
    const hint = follows === undefined ? '' : `: put the ${follows} behind --, like telltale ${name} -- ${surplus}`;
    throw new UsageFault(`"telltale ${name}" does not know what to do with ${JSON.stringify(surplus)}${hint}`);
  }
  if (follows !== undefined && behind.length === 0) {
    throw new UsageFault(`"telltale ${name}" needs a ${follows} behind --, like telltale ${name} -- ./backup.sh`);
  }
  return { positionals, flags: found, lists, behind };
}

/** The help of one command. */
export function helpOf(
  { words, summary, positionals = [], behind }: ListedCommand,
  { flags = [], notes = [] }: Command,
): string {
  const usage = [
    'telltale',
    words,
    ...positionals.map((name) => `<${name}>`),
    ...(flags.length > 0 ? ['[flags]'] : []),
    ...(behind === undefined ? [] : [`-- <${behind}> …`]),
  ].join(' ');
  const rows = [...flags, help].map(({ name, value, isRepeatable, meaning }) => ({
    left: `  --${name}${value === undefined ? '' : ` <${value}>`}${isRepeatable === true ? ' …' : ''}`,
    meaning,
  }));
  const width = Math.max(...rows.map(({ left }) => left.length)) + 2;
  const lines = rows.map(
    ({ left, meaning }) => left.padEnd(width) + meaning.replaceAll('\n', `\n${' '.repeat(width)}`),
  );
  return [summary, '', `Usage: ${usage}`, '', ...lines, ...(notes.length > 0 ? ['', ...notes] : [])].join('\n');
}

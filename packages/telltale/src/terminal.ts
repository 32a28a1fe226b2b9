// What a command may touch of the world: its input, its two outputs, the environment. Tests pass their own.

import { createInterface } from 'node:readline';
import { Writable } from 'node:stream';

export interface Terminal {
  readonly stdin: NodeJS.ReadableStream & { readonly isTTY?: boolean };
  readonly stdout: NodeJS.WritableStream;
  readonly stderr: NodeJS.WritableStream;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly directory: string;
}

/** Controls of a terminal, and of the direction of a text; a sentence may have several lines. */
const unfit = /[^\P{Cc}\n\t]+|[\u2028\u2029\u202a-\u202e\u2066-\u2069]+/gu;

export function say(terminal: Terminal, text: string): void {
  terminal.stdout.write(`${text}\n`);
}

/** Says what went wrong. Some of it comes over the wire: what could move the cursor or turn the text around is left out. */
export function complain(terminal: Terminal, text: string): void {
  terminal.stderr.write(`${text.replaceAll(unfit, ' ')}\n`);
}

async function readLine(terminal: Terminal, output: Writable | undefined): Promise<string | undefined> {
  const reader = createInterface({
    input: terminal.stdin,
    ...(output === undefined ? {} : { output }),
    terminal: output !== undefined,
  });
  try {
    for await (const line of reader) return line;
    return undefined;
  } finally {
    reader.close();
  }
}

/**
 * Reads a new password: from a terminal twice and unseen, else the first line of standard input. Undefined if there was
 * none or the two differ. Never from the arguments, which every user of the machine can list.
 */
export async function readPassword(terminal: Terminal): Promise<string | undefined> {
  if (terminal.stdin.isTTY !== true) return await readLine(terminal, undefined);
  const unseen = new Writable({ write: (_chunk, _encoding, done) => done() });
  terminal.stderr.write('New password: ');
  const first = await readLine(terminal, unseen);
  terminal.stderr.write('\nOnce more: ');
  const second = await readLine(terminal, unseen);
  terminal.stderr.write('\n');
  return first === second ? first : undefined;
}

/** The terminal that this process stands at. Each stream is opened when it is used: a command of ours may inherit them. */
export function processTerminal(): Terminal {
  return {
    get stdin() {
      return process.stdin;
    },
    get stdout() {
      return process.stdout;
    },
    get stderr() {
      return process.stderr;
    },
    env: process.env,
    directory: process.cwd(),
  };
}

// Starts the command of `telltale run`, passes its output on and says how it ended. Everything is as without us: input,
// environment, directory, limits; what it writes; the signals it gets. Knows nothing of reports.

import { spawn } from 'node:child_process';
import { closeSync, existsSync } from 'node:fs';
import { constants } from 'node:os';
import type { Readable } from 'node:stream';
import { forward, type Forwarding } from './run-forward.ts';
import { openPipes } from './run-pipes.ts';
import { hasTerminal, onSignals, passOn, type SignalTarget } from './run-signals.ts';
import type { CommandLine } from './run-terminal.ts';

/** How a command ended; `code` is what a shell would say. */
export type CommandEnd =
  | { readonly kind: 'exited'; readonly code: number }
  | { readonly kind: 'signalled'; readonly code: number; readonly signal: NodeJS.Signals }
  | { readonly kind: 'not-started'; readonly code: number; readonly sentence: string };

export interface StartedCommand {
  readonly target: SignalTarget;
  /**
   * Passes its output on from now on; `onOutput` sees everything it writes and must not throw. Resolves when the command
   * has ended and all of that has been passed on. Called once; until then what it writes waits in its pipes.
   */
  pass(onOutput: (stream: 'out' | 'err', bytes: Buffer) => void): Promise<CommandEnd>;
  /** Lets go of output that nobody takes. */
  abandon(): void;
  /** Whether that has happened: a write may still be under way, and then this process cannot end by itself. */
  readonly isAbandoned: boolean;
}

/** Starts a command. If it cannot be started, its end says why. */
export function startCommand({ file, args, env, lender }: CommandLine): StartedCommand {
  const pipes = openPipes(2);
  const place = lender === undefined ? (hasTerminal() ? 'shared' : 'group') : 'lent';
  const child = spawn(file, args, {
    env,
    stdio: ['inherit', pipes?.[0]?.fd ?? 'pipe', pipes?.[1]?.fd ?? 'pipe'],
    // Without a terminal it leads a group of its own, so that it can be ended with all it has started. At a terminal it
    // stays in ours: only that group may read what is typed.
    detached: place === 'group',
  });
  const target: SignalTarget = { pid: child.pid ?? 0, place };
  const stopPassing = onSignals((signal) => (child.pid === undefined ? undefined : passOn(target, signal)));
  pipes?.forEach(({ fd }) => closeSync(fd));
  const end = new Promise<CommandEnd>((resolve) => {
    child.once('exit', (code, signal) => {
      if (signal === null) resolve({ kind: 'exited', code: code ?? 0 });
      else resolve({ kind: 'signalled', code: 128 + constants.signals[signal], signal });
    });
    child.once('error', (error: NodeJS.ErrnoException) => resolve(fault(file, error)));
  });
  const sources = [pipes?.[0]?.source ?? child.stdout, pipes?.[1]?.source ?? child.stderr];
  let outputs: readonly Forwarding[] = [];
  let isAbandoned = false;
  const abandon = (): void => {
    isAbandoned = true;
    outputs.forEach((output) => output.abandon());
  };

  return {
    target,
    async pass(onOutput) {
      outputs = (['out', 'err'] as const).map((stream, index) =>
        forward(sources[index] as Readable, index + 1, (bytes) => onOutput(stream, bytes)),
      );
      const ended = await end;
      stopPassing();
      // Nothing is left to be told but us, who may be waiting for somebody to read on.
      const stopListening = onSignals(abandon);
      await Promise.all(outputs.map((output) => output.finish()));
      stopListening();
      return ended;
    },
    abandon,
    get isAbandoned() {
      return isAbandoned;
    },
  };
}

function fault(file: string, { code, message }: NodeJS.ErrnoException): CommandEnd {
  const name = JSON.stringify(file);
  if (code === 'ENOENT' && file.includes('/') && existsSync(file)) {
    const sentence = `${name} cannot be run: the program its first line names is not there.`;
    return { kind: 'not-started', code: 127, sentence };
  }
  if (code === 'ENOENT') {
    const where = file.includes('/') ? 'there is no such file' : 'no directory of PATH has it';
    return { kind: 'not-started', code: 127, sentence: `${name} cannot be run: ${where}.` };
  }
  if (code === 'EACCES') {
    const sentence = `${name} cannot be run: it is not executable; "chmod +x" makes a file so.`;
    return { kind: 'not-started', code: 126, sentence };
  }
  return { kind: 'not-started', code: 126, sentence: `${name} cannot be run: ${message}.` };
}

// Signals on their way through `telltale run`: what is sent to us is passed on to the command, once; a cancellation ends
// it with all it has started. Knows no output and no report.

import { closeSync, openSync } from 'node:fs';
import { statusOf, treeOf } from './run-tree.ts';

const caught = ['SIGTERM', 'SIGINT', 'SIGHUP', 'SIGQUIT', 'SIGUSR1', 'SIGUSR2'] as const;

/** Sent by a terminal's keys to everything in its foreground, the command included. */
const fromKeys: readonly string[] = ['SIGINT', 'SIGQUIT'];

/** Whether this process stands at a terminal, wherever its input and outputs lead. Windows has nothing else. */
export function hasTerminal(): boolean {
  if (process.platform === 'win32') return true;
  try {
    closeSync(openSync('/dev/tty', 'r'));
    return true;
  } catch {
    return false;
  }
}

/** Whether the terminal's keys reach us. Where that cannot be seen, they do. */
function isForeground(): boolean {
  const fields = statusOf(process.pid)?.fields;
  return fields === undefined || fields[2] === fields[5];
}

/** The command, as something to send signals to. */
export interface SignalTarget {
  readonly pid: number;
  /**
   * `group`: it leads a process group of its own. `shared`: it stands at the terminal that we stand at. `lent`: it is
   * the program that lends the command a terminal; the command is its child.
   */
  readonly place: 'group' | 'shared' | 'lent';
}

/** The command and all it has started, without who lends it a terminal: told to end, that would leave before the command. */
function commandTree({ pid, place }: SignalTarget): readonly number[] {
  if (place === 'group') return [-pid];
  const [first, ...rest] = treeOf(pid);
  return place === 'lent' && rest.length > 0 ? rest : [first ?? pid, ...rest];
}

/** Kills the command with all it has started, and who lends it a terminal. */
function killAll({ pid, place }: SignalTarget): void {
  for (const one of place === 'group' ? [-pid] : treeOf(pid)) send(one, 'SIGKILL');
}

function send(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch {
    // It has ended by itself.
  }
}

/** Calls back instead of what signals do by themselves. The answer gives them their usual meaning again. */
export function onSignals(listener: (signal: NodeJS.Signals) => void): () => void {
  for (const signal of caught) process.on(signal, listener);
  return () => {
    for (const signal of caught) process.off(signal, listener);
  };
}

/** Passes on to the command what was sent to this process. */
export function passOn(target: SignalTarget, signal: NodeJS.Signals): void {
  const { pid, place } = target;
  switch (place) {
    case 'shared':
      // Passed on, a Ctrl-C would be a second one, which many programs take for "now, at once".
      return fromKeys.includes(signal) && isForeground() ? undefined : send(pid, signal);
    case 'group':
    case 'lent':
      return commandTree(target).forEach((one) => send(one, signal));
  }
}

/**
 * Ends the command: SIGTERM, and what is still there after the grace is killed. To be called when the command has ended,
 * the answer kills at once what it left behind in its group.
 */
export function endCommand(target: SignalTarget, graceMs: number): () => void {
  for (const one of commandTree(target)) send(one, 'SIGTERM');
  const timer = setTimeout(() => killAll(target), graceMs);
  return () => {
    clearTimeout(timer);
    if (target.place === 'group') killAll(target);
  };
}

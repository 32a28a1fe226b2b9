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

/** Sends a signal to the command and all it has started. */
export function signalAll({ pid, place }: SignalTarget, signal: NodeJS.Signals): void {
  for (const one of place === 'group' ? [-pid] : treeOf(pid)) send(one, signal);
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
export function passOn({ pid, place }: SignalTarget, signal: NodeJS.Signals): void {
  switch (place) {
    case 'group':
      return send(-pid, signal);
    case 'shared':
      // Passed on, a Ctrl-C would be a second one, which many programs take for "now, at once".
      return fromKeys.includes(signal) && isForeground() ? undefined : send(pid, signal);
    case 'lent': {
      // Told itself, the lender would leave before the command.
      const [lender = pid, ...tree] = treeOf(pid);
      return (tree.length === 0 ? [lender] : tree).forEach((one) => send(one, signal));
    }
  }
}

/**
 * Ends the command: SIGTERM, and what is still there after the grace is killed. To be called when the command has ended,
 * the answer kills at once what it left behind in its group.
 */
export function endCommand(target: SignalTarget, graceMs: number): () => void {
  signalAll(target, 'SIGTERM');
  const timer = setTimeout(() => signalAll(target, 'SIGKILL'), graceMs);
  return () => {
    clearTimeout(timer);
    if (target.place === 'group') signalAll(target, 'SIGKILL');
  };
}

// Who started a run, as far as this machine knows: the scheduler among our ancestors, else the login name.

import { userInfo } from 'node:os';
import { statusOf } from './run-tree.ts';

const schedulers: readonly string[] = ['cron', 'crond', 'anacron', 'atd', 'fcron'];

/** How far up a scheduler is looked for: it calls a shell, and that calls us. */
const mostSteps = 4;

/** `cron`, or the login name; undefined where there is none, as for a number without a name in a container. */
export function whoStarted(): string | undefined {
  for (let pid = process.ppid, step = 0; pid > 1 && step < mostSteps; step++) {
    const status = statusOf(pid);
    if (status === undefined) break;
    if (schedulers.includes(status.name.toLowerCase())) return status.name.toLowerCase();
    pid = Number(status.fields[1]);
  }
  try {
    return userInfo().username;
  } catch {
    return undefined;
  }
}

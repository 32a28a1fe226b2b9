// All log files of an agent, looked at by one clock: twice a second, and at once again where there was more than one look
// takes.

import { resolve } from 'node:path';
import type { AgentLog } from '../collector.ts';
import type { Spool } from '../spool/spool.ts';
import { type LogName, logNames } from './log-names.ts';
import { LogTail } from './log-tail.ts';

export interface LogTails {
  readonly names: readonly LogName[];
  start(): void;
  stop(): void;
}

/** How often a file is looked at, in milliseconds: what a person waits for, and what an unfinished line is held. */
const lookMs = 500;

/** Follows these files; those that are not there yet, as soon as they are. */
export function createLogTails(options: {
  readonly paths: readonly string[];
  readonly agent: string;
  readonly spool: Pick<Spool, 'append' | 'resumeOf'>;
  readonly log: AgentLog;
}): LogTails {
  const { paths, agent, spool, log } = options;
  const names = logNames([...new Set(paths.map((path) => resolve(path)))]);
  const tails = names.map((name) => new LogTail({ name, channel: `logs/${agent}/${name.file}`, spool, log }));
  let timer: NodeJS.Timeout | undefined;
  let again: NodeJS.Immediate | undefined;

  function look(): void {
    clearImmediate(again);
    again = undefined;
    let hasMore = false;
    for (const tail of tails) hasMore = tail.look() || hasMore;
    // Not at once: whoever sends what was read needs a turn too.
    if (hasMore) again = setImmediate(look);
  }
  return {
    names,
    start() {
      if (tails.length === 0) return;
      look();
      timer = setInterval(look, lookMs);
    },
    stop() {
      clearInterval(timer);
      clearImmediate(again);
      for (const tail of tails) tail.close();
    },
  };
}

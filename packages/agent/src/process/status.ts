// Tells the hub what this agent is and how far behind it stands: with each session before anything else, and then when it
// has changed, at most once in two seconds.

import { arch, availableParallelism, hostname, platform, release } from 'node:os';
import type { Connection } from '@telltale/client';
import type { AgentLog } from '../collector.ts';
import type { LogName } from '../logs/log-names.ts';
import type { Spool } from '../spool/spool.ts';

export interface StatusOptions {
  readonly connection: Pick<Connection, 'call' | 'clockOffsetMs' | 'state'>;
  readonly spool: Pick<Spool, 'oldestAt' | 'bytes'>;
  readonly version: string;
  readonly files: readonly LogName[];
  readonly log: AgentLog;
}

export interface Status {
  /** Tells a new session; rejects where that failed and may work later. */
  tell(): Promise<void>;
  stop(): void;
}

const everyMs = 2000;
/** What is younger is on its way, not behind, in milliseconds. */
const behindMs = 2000;
/** Clocks that differ by this much more or less than was told are worth a word, in milliseconds. */
const offsetMs = 250;

interface Standing {
  readonly clockOffsetMs: number;
  readonly behindMs: number;
  readonly spooledBytes: number;
}

export function createStatus(options: StatusOptions): Status {
  const { connection, spool, version, files, log } = options;
  const facts = {
    version,
    title: hostname(),
    platform: `${platform()} ${release()} ${arch()}`,
    cores: availableParallelism(),
    files: files.map(({ file, path }) => ({ file, title: path })),
  };
  let told: Standing | undefined;
  let isTelling = false;

  function standing(): Standing {
    const age = Date.now() - (spool.oldestAt ?? Infinity);
    const isBehind = age > behindMs;
    return {
      clockOffsetMs: Math.round(-connection.clockOffsetMs),
      behindMs: isBehind ? Math.round(age) : 0,
      spooledBytes: isBehind ? spool.bytes : 0,
    };
  }
  async function tell(): Promise<void> {
    const now = standing();
    isTelling = true;
    try {
      await connection.call('agent.status', { ...facts, ...now });
      told = now;
    } finally {
      isTelling = false;
    }
  }
  function look(): void {
    if (told === undefined || isTelling || connection.state.kind !== 'open') return;
    const now = standing();
    const isSame =
      Math.abs(now.clockOffsetMs - told.clockOffsetMs) < offsetMs &&
      now.behindMs === told.behindMs &&
      now.spooledBytes === told.spooledBytes;
    if (isSame) return;
    tell().catch((error: unknown) => {
      if (connection.state.kind === 'open') log.warn({ err: error }, 'The hub did not take how this agent stands');
    });
  }
  const timer = setInterval(look, everyMs);
  timer.unref();
  return {
    tell,
    stop: () => clearInterval(timer),
  };
}

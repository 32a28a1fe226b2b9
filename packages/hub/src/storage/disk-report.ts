// Says once in the log that the disk takes nothing, and once that it does again. On a disk with little room what is small
// still fits where what is larger does not: that is one trouble, and not over.

import type { GatewayLog } from '@telltale/gateway';

/** After so long without a failure it is over, in milliseconds, though nothing as large was tried again. */
const calmMs = 60_000;

export interface DiskReport {
  took(bytes: number): void;
  failed(bytes: number, reason: string): void;
}

/** @param now milliseconds since the epoch; only for tests */
export function createDiskReport(log: GatewayLog, now: () => number = Date.now): DiskReport {
  let trouble: { readonly since: number; lastAt: number; smallest: number } | undefined;
  return {
    took(bytes) {
      if (trouble === undefined) return;
      if (bytes < trouble.smallest && now() - trouble.lastAt < calmMs) return;
      const seconds = Math.round((now() - trouble.since) / 1000);
      log.info({ seconds }, `The database takes messages again, after ${seconds} s`);
      trouble = undefined;
    },

    failed(bytes, reason) {
      const at = now();
      if (trouble !== undefined) {
        trouble.lastAt = at;
        trouble.smallest = Math.min(trouble.smallest, bytes);
        return;
      }
      trouble = { since: at, lastAt: at, smallest: bytes };
      log.error(
        { reason },
        `The database takes no messages (${reason}): agents keep what they report until it does. Look whether the disk of the data directory is full; nothing has to be restarted`,
      );
    },
  };
}

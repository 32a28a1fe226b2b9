// Requests that Node ends before anybody has read what they are: their headers are longer than it reads. Says in the log
// from where the newest came and how many there were, at most every ten seconds: a flood of them is no flood of lines.
// Called by server.ts.

import type { GatewayLog } from '@telltale/gateway';
import { readHeaderBytes } from './http-server.ts';

/** A line is written at most so often; it counts those since the last one. */
const everyMs = 10_000;

export interface OverlongRequests {
  ended(address: string): void;
}

export function createOverlongRequests(log: GatewayLog, now: () => number = () => performance.now()): OverlongRequests {
  let toldAt = -Infinity;
  let count = 0;
  return {
    ended(address) {
      count++;
      if (now() - toldAt < everyMs) return;
      log.info(
        { address, name: 'headers-too-large', count },
        `A request from ${address} had more than ${readHeaderBytes / 1024} KiB of headers, and nobody can say what it was for: ended with 431, ${count} since the last such line; a page whose attempts to connect never arrive has too many cookies`,
      );
      toldAt = now();
      count = 0;
    },
  };
}

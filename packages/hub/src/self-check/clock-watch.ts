// Notices that it is the hub's clock that is wrong, not those of its agents: they report how far theirs are off, and all
// agree with each other. Fed by what agents say of themselves; says it once.

import type { GatewayLog } from '@telltale/gateway';
import { spanOf } from './start-warnings.ts';

const bounds = {
  /** One machine may be wrong by itself. */
  agents: 2,
  offMs: 60_000,
  /** How far apart clocks that agree are. */
  apartMs: 30_000,
};

export interface ClockWatch {
  /** An agent's clock minus the hub's, in milliseconds. */
  onClockOffset(agent: string, offsetMs: number): void;
}

export function createClockWatch(log: Pick<GatewayLog, 'warn'>): ClockWatch {
  const offsets = new Map<string, number>();
  let isTold = false;
  return {
    onClockOffset(agent, offsetMs) {
      if (isTold) return;
      offsets.set(agent, offsetMs);
      const all = [...offsets.values()];
      const least = Math.min(...all);
      const most = Math.max(...all);
      if (all.length < bounds.agents || most - least > bounds.apartMs) return;
      if (Math.min(Math.abs(least), Math.abs(most)) < bounds.offMs || least * most < 0) return;
      isTold = true;
      const middle = (least + most) / 2;
      log.warn(
        { offsetMs: Math.round(middle), agents: all.length },
        `The clock of this hub is ${spanOf(Math.abs(middle))} ${middle > 0 ? 'behind' : 'ahead of'} those of all its ${all.length} agents, which agree with each other; tokens are judged by it, so set it, for example by NTP`,
      );
    },
  };
}

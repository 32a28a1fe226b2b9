// Notices that clocks differ: agents report how far theirs are off. Where all agree with each other it is the hub's that is
// wrong; of one that is far off nobody can tell which, so both are named. Fed by what agents say of themselves; says each once.

import type { GatewayLog } from '@telltale/gateway';
import { spanOf } from './start-warnings.ts';

const bounds = {
  /** One machine may be wrong by itself. */
  agents: 2,
  offMs: 60_000,
  /** One that is further off is worth a word by itself: a token is refused for less. */
  farMs: 5 * 60_000,
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
  const toldOf = new Set<string>();
  const tellOne = (agent: string, offsetMs: number): void => {
    if (toldOf.has(agent) || Math.abs(offsetMs) <= bounds.farMs) return;
    toldOf.add(agent);
    log.warn(
      { agent, offsetMs: Math.round(offsetMs) },
      `The clocks of this hub and of agent ${agent} differ by ${spanOf(Math.abs(offsetMs))}: that of the agent is ${offsetMs > 0 ? 'ahead' : 'behind'}; tokens are judged by the hub's, so compare both with a third and set the wrong one, for example by NTP`,
    );
  };
  return {
    onClockOffset(agent, offsetMs) {
      if (isTold) return;
      offsets.set(agent, offsetMs);
      const all = [...offsets.values()];
      const least = Math.min(...all);
      const most = Math.max(...all);
      const doAgree = all.length >= bounds.agents && most - least <= bounds.apartMs;
      if (!doAgree || Math.min(Math.abs(least), Math.abs(most)) < bounds.offMs || least * most < 0) {
        tellOne(agent, offsetMs);
        return;
      }
      isTold = true;
      const middle = (least + most) / 2;
      log.warn(
        { offsetMs: Math.round(middle), agents: all.length },
        `The clock of this hub is ${spanOf(Math.abs(middle))} ${middle > 0 ? 'behind' : 'ahead of'} those of all its ${all.length} agents, which agree with each other; tokens are judged by it, so set it, for example by NTP`,
      );
    },
  };
}

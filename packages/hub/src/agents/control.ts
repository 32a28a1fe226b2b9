// The tables `control/<agent>`: what the hub wants of an agent. Owns their rows, so that they are told anew where a log
// was taken; how often samples are wanted is decided here, by who looks.

import { unwatchedMs, watchedMs } from '@telltale/agent';
import type { Gateway, GatewayLog } from '@telltale/gateway';
import type { ControlRow } from '../api.ts';
import type { HubChannels } from '../channels.ts';
import { LiveTable } from '../live-table.ts';

export interface ControlOptions {
  readonly gateway: () => Pick<Gateway<HubChannels>, 'publishBatch' | 'read' | 'hasReaders'>;
  readonly log: GatewayLog;
}

export interface Control {
  /** Wants something of an agent, under a key, until it is taken back. */
  put(agent: string, key: string, row: ControlRow): void;
  remove(agent: string, key: string): void;
  /** Says anew how often samples are wanted: a session begins, or interest has changed. */
  pace(agent: string): void;
  /** The agent is gone, and its table with it. */
  forget(agent: string): void;
  /** Somebody has begun to read this channel. */
  restore(channel: string): void;
  tick(): void;
}

export function createControl({ gateway, log }: ControlOptions): Control {
  const tables = new Map<string, LiveTable<`control/${string}`>>();
  const tableOf = (agent: string): LiveTable<`control/${string}`> => {
    const table = tables.get(agent) ?? new LiveTable({ gateway, channel: `control/${agent}`, everyMs: 0, log });
    tables.set(agent, table);
    return table;
  };
  return {
    put: (agent, key, row) => tableOf(agent).put(key, row),
    remove: (agent, key) => tables.get(agent)?.remove(key),
    pace(agent) {
      const isWatched = ['metrics', 'processes'].some((family) => gateway().hasReaders(`${family}/${agent}`));
      const intervalMs = isWatched ? watchedMs : unwatchedMs;
      const said = tables.get(agent)?.get('interval');
      if (said?.type === 'interval' && said.intervalMs === intervalMs) return;
      tableOf(agent).put('interval', { type: 'interval', intervalMs });
    },
    forget: (agent) => void tables.delete(agent),
    restore(channel) {
      const [family, agent = ''] = channel.split('/');
      if (family !== 'control') return;
      tables
        .get(agent)
        ?.restore()
        .catch((error: unknown) => log.error({ err: error, channel }, 'A table could not be read'));
    },
    tick() {
      for (const table of tables.values()) table.tick();
    },
  };
}

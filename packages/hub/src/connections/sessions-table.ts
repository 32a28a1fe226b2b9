// Keeps the table `sessions` in step with the gateway: a row when a session begins, fresh figures every few seconds while
// somebody looks, and its removal when it ends. Fed by the gateway's events.

import type { Gateway, GatewayEvent, GatewayLog, SessionView } from '@telltale/gateway';
import type { SessionRow } from '../api.ts';
import type { HubChannels } from '../channels.ts';
import { LiveTable } from '../live-table.ts';
import { factsOf, figuresOf } from './attempt-record.ts';

/** Figures are published anew so often, less often where there are very many sessions. */
const refresh = { everyMs: 3_000, rowsPerSecond: 1_000 };
const mostPerTick = 500;

export interface SessionsTable {
  onEvent(event: GatewayEvent): void;
  /** Somebody has begun to read this channel. */
  restore(): Promise<void>;
  /** Called a few times a second. */
  tick(): void;
}

export function createSessionsTable(
  gateway: () => Pick<Gateway<HubChannels>, 'publishBatch' | 'read' | 'hasReaders' | 'sessions'>,
  log: GatewayLog,
): SessionsTable {
  const table = new LiveTable({ gateway, channel: 'sessions', everyMs: 1_000, log, mostPerTick });
  let size = 0;
  let refreshedAt = 0;
  const put = (session: SessionView): void => table.put(session.id, rowOf(session));
  return {
    onEvent(event) {
      switch (event.type) {
        case 'admitted':
          size++;
          put(event.session);
          break;
        case 'ended':
          size--;
          table.remove(event.session.id);
          break;
        case 'renewed':
          put(event.session);
          break;
        default:
      }
    },
    restore: () => table.restore(),
    tick() {
      const now = performance.now();
      const isDue = now - refreshedAt >= Math.max(refresh.everyMs, (size / refresh.rowsPerSecond) * 1_000);
      if (isDue && gateway().hasReaders('sessions')) {
        refreshedAt = now;
        for (const session of gateway().sessions()) put(session);
      }
      table.tick();
    },
  };
}

function rowOf(session: SessionView): SessionRow {
  return { ...factsOf(session.attempt), ...figuresOf(session) };
}

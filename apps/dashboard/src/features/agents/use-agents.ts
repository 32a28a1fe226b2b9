// The agents as the screen shows them, live: rows of the hub's tables, judged at the hub's clock once a second and with
// each change. While the page is paused, or has no line, they stand as they were.

import type { AgentRow, VitalsRow } from '@telltale/hub/api';
import { useCallback, useMemo, useRef } from 'react';
import { useHubNow, useLine, useOfRows, useRows } from '../../live/live.tsx';
import { useSession } from '../../session/use-session.ts';
import { useFrozen, usePause } from '../machine/pause.tsx';
import { viewsOf, type AgentView } from './agent-view.ts';
import type { Moment } from './standing.ts';

/** How long after the last frame of the hub a silence may still be the hub's: its own machine reports each second. */
const hubSilenceMs = 2_000;

/** The moment at which rows are judged now. */
export function useMoment(): Moment {
  const line = useLine();
  const { state } = useSession();
  const tick = useHubNow(1_000);
  const { pausedAt } = usePause();
  const isUp = useFrozen(line.isUp);
  const now = pausedAt ?? tick;
  const heard = line.heardAt ?? now;
  const heardAt = isUp ? Math.min(now, heard + hubSilenceMs) : Math.min(now, heard);
  const hubVersion = 'facts' in state ? state.facts.version : '';
  return useMemo(() => ({ now, heardAt, isUp, hubVersion }), [now, heardAt, isUp, hubVersion]);
}

export interface Agents {
  readonly rows: readonly AgentRow[];
  readonly vitals: readonly VitalsRow[];
  /** In the order in which the hub told of them. */
  readonly views: readonly AgentView[];
  readonly moment: Moment;
  /** Whether the first read has ended: no row then means that there is none. */
  readonly isRead: boolean;
  readonly denied: boolean;
  /** When the newest sample of any agent came; undefined: none has. */
  readonly newestAt: number | undefined;
}

export function useAgents(): Agents {
  const table = useFrozen(useRows<AgentRow>('agents'));
  const { rows: vitals } = useFrozen(useRows<VitalsRow>('vitals'));
  const moment = useMoment();
  const held = useRef<readonly AgentView[]>([]);
  const views = useMemo(() => viewsOf(table.rows, vitals, moment, held.current), [table.rows, vitals, moment]);
  held.current = views;
  const newestAt = useMemo(
    () => vitals.reduce<number | undefined>((newest, { receivedAt }) => Math.max(newest ?? 0, receivedAt), undefined),
    [vitals],
  );
  return { rows: table.rows, vitals, views, moment, isRead: table.isRead, denied: table.denied, newestAt };
}

/** One agent: its row and its views, the agent itself first; or why there is none. */
export type OneAgent =
  | { readonly kind: 'unread' }
  | { readonly kind: 'unknown' }
  | { readonly kind: 'known'; readonly row: AgentRow; readonly views: readonly AgentView[]; readonly moment: Moment };

export function useAgent(agent: string): OneAgent {
  const find = useCallback(
    (rows: readonly AgentRow[], isRead: boolean) =>
      rows.find((row) => row.agent === agent) ?? (isRead ? 'unknown' : 'unread'),
    [agent],
  );
  const findVitals = useCallback((rows: readonly VitalsRow[]) => rows.find((row) => row.agent === agent), [agent]);
  const row = useFrozen(useOfRows<AgentRow, AgentRow | 'unknown' | 'unread'>('agents', find));
  const vitals = useFrozen(useOfRows<VitalsRow, VitalsRow | undefined>('vitals', findVitals));
  const moment = useMoment();
  return useMemo(() => {
    if (typeof row === 'string') return { kind: row };
    return { kind: 'known', row, views: viewsOf([row], vitals === undefined ? [] : [vitals], moment), moment };
  }, [row, vitals, moment]);
}

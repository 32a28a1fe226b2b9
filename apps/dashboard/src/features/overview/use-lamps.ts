// The lamps for whoever is signed in, on every page: the master lamp stands in each topbar.

import { hasScope } from '@telltale/protocol';
import type { AgentRow, RefusalRow, SessionRow } from '@telltale/hub/api';
import { useMemo } from 'react';
import { isSourceSilent } from '../../live/freshness.ts';
import { useHistory, useHubNow, useLine, useOfRows, useRows } from '../../live/live.tsx';
import { useRole } from '../../session/use-session.ts';
import { agentsLampOf, isSameLamp, type AgentsLamp } from '../agents/agents-lamp.ts';
import { isSameReasons, refusedReasons, type RefusedReason } from '../connections/refusals-lamp.ts';
import { lampsOf, masterOf, type Lamp, type Master } from './lamps-model.ts';

export function useLamps(): { readonly lamps: readonly Lamp[]; readonly master: Master } {
  const role = useRole();
  const line = useLine();
  const { samples } = useHistory('local');
  const mayOperate = role !== undefined && hasScope({ scope: role }, 'operator');
  const { rows } = useRows<SessionRow>(mayOperate ? 'sessions' : undefined);
  const agents = useOfRows<AgentRow, AgentsLamp | undefined>('agents', agentsLampOf, isSameLamp);
  const reasons = useOfRows<RefusalRow, readonly RefusedReason[] | undefined>(
    mayOperate ? 'refusals' : undefined,
    refusedReasons,
    isSameReasons,
  );
  const now = useHubNow(1_000);
  // A browser calls a page secure that came by TLS, or from this very machine.
  const plainHttp = !isSecureContext;
  return useMemo(() => {
    const behind = mayOperate ? rows.filter((row) => row.behind > 0).length : undefined;
    const sourceSilent = isSourceSilent(samples.at(-1), line.heardAt);
    const lamps = lampsOf({
      line: line.state,
      roundTripMs: line.roundTripMs,
      samples,
      sourceSilent,
      agents,
      refused: mayOperate ? (reasons ?? 'unread') : undefined,
      now,
      behind,
      plainHttp,
    });
    return { lamps, master: masterOf(lamps) };
  }, [line.state, line.roundTripMs, line.heardAt, samples, agents, reasons, now, mayOperate, rows, plainHttp]);
}

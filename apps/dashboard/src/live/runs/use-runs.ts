// The runs of all machines, or of one, live; and the clocks of the machines, for what a run says of its own beginning.

import type { AgentRow, RunRow } from '@telltale/hub/api';
import { useCallback, useMemo } from 'react';
import { useOfRows, useRows, type Rows } from '../live.tsx';

/** @param agent undefined: of all machines */
export function useRuns(agent?: string): Rows<RunRow> {
  const table = useRows<RunRow>('runs');
  return useMemo(
    () => (agent === undefined ? table : { ...table, rows: table.rows.filter((row) => row.agent === agent) }),
    [table, agent],
  );
}

const offsets = (rows: readonly AgentRow[]): ReadonlyMap<string, number> =>
  new Map(rows.map(({ agent, clockOffsetMs }) => [agent, clockOffsetMs ?? 0]));

/** The clock of a machine, from the hub's: what it writes is compared with nothing else. */
export function useMachineClock(): (agent: string, hubNow: number) => number {
  const ahead = useOfRows('agents', offsets);
  return useCallback((agent, hubNow) => hubNow + (ahead.get(agent) ?? 0), [ahead]);
}

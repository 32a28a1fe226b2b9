// A run's row with what its own events say already: they come by a shorter way than the hub's table. Pure.

import type { RunState } from '@telltale/agent/run-state';
import type { RunRow } from '@telltale/hub/api';

export function withEvents(row: RunRow, { ended, cancelling }: RunState): RunRow {
  if (ended !== undefined && row.endedAt === null) {
    const { outcome: state, at: endedAt, exitCode = null, signal = null, error = null } = ended;
    return { ...row, state, endedAt, exitCode, signal, error, awaySince: null };
  }
  if (cancelling !== undefined && row.state === 'running') {
    return { ...row, state: 'cancelling', cancelledBy: row.cancelledBy ?? cancelling.by };
  }
  return row;
}

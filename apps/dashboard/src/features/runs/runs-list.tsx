// The runs of one machine in a panel, for its page.

import { useMemo, useState, type ReactElement } from 'react';
import { useRuns } from '../../live/runs/use-runs.ts';
import { Panel, PanelText } from '../../ui/panel.tsx';
import { counted, grouped } from '../../words/units.ts';
import { useFrozen } from '../machine/pause.tsx';
import { isUnderWay } from './run-words.ts';
import { RunsGrid, useListed } from './runs-grid.tsx';
import { ordered, usualOrder } from './runs-model.ts';

/** What runs on this machine, and what ran there. */
export function RunsList({ agent }: { readonly agent: string }): ReactElement {
  const { rows, isRead, denied } = useFrozen(useRuns(agent));
  const [order, setOrder] = useState(usualOrder);
  const runs = useListed(rows);
  const shown = useMemo(() => ordered(runs, order), [runs, order]);
  const running = rows.filter(isUnderWay).length;
  const note = [
    ...(rows.length > 0 ? [counted(rows.length, 'run', 'runs')] : []),
    ...(running > 0 ? [`${grouped(running)} under way`] : []),
  ].join(', ');
  return (
    <Panel title="Runs" note={note} ruled>
      {shown.length > 0 ? (
        <RunsGrid label={`Runs on ${agent}`} runs={shown} order={order} onOrder={setOrder} isOfOneAgent />
      ) : (
        <PanelText>{denied ? 'Sign in to see what runs here.' : isRead ? 'No runs yet' : 'no data yet'}</PanelText>
      )}
    </Panel>
  );
}

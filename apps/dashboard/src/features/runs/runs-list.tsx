// The runs of one machine in a panel, for its page.

import { useMemo, useState, type ReactElement } from 'react';
import { useOlderRuns } from '../../live/runs/use-older-runs.ts';
import { useRuns } from '../../live/runs/use-runs.ts';
import { Panel, PanelText } from '../../ui/panel.tsx';
import { counted, grouped } from '../../words/units.ts';
import { useFrozen } from '../machine/pause.tsx';
import { OlderRuns } from './older-runs.tsx';
import { isUnderWay } from './run-words.ts';
import { RunsGrid, useListed } from './runs-grid.tsx';
import { ordered, usualOrder } from './runs-model.ts';

/** What runs on this machine, and what ran there. */
export function RunsList({ agent }: { readonly agent: string }): ReactElement {
  const { rows: inTable, isRead, denied } = useFrozen(useRuns(agent));
  const older = useOlderRuns(inTable, agent);
  const { rows, kept } = older;
  const [order, setOrder] = useState(usualOrder);
  const runs = useListed(rows);
  const shown = useMemo(() => ordered(runs, order), [runs, order]);
  const running = rows.filter(isUnderWay).length;
  const note = [
    ...(kept > 0 ? [counted(kept, 'run', 'runs')] : []),
    ...(running > 0 ? [`${grouped(running)} under way`] : []),
  ].join(', ');
  return (
    <Panel title="Runs" note={note} ruled>
      {shown.length > 0 ? (
        <RunsGrid label={`Runs on ${agent}`} runs={shown} order={order} onOrder={setOrder} isOfOneAgent />
      ) : (
        <PanelText>
          {denied
            ? 'Sign in to see what runs here.'
            : !isRead
              ? 'no data yet'
              : kept > 0
                ? 'Its runs are older than the newest of all machines.'
                : 'No runs yet'}
        </PanelText>
      )}
      <OlderRuns older={older} />
    </Panel>
  );
}

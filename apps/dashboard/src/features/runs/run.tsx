// One run: its facts, its steps, its output, live while it is under way, whole when it has ended.

import { hasScope } from '@telltale/protocol';
import { useCallback, useEffect, useMemo, useState, type ReactElement } from 'react';
import { useHubNow, useLine } from '../../live/live.tsx';
import { useRun, type RunView } from '../../live/runs/use-run.ts';
import { useMachineClock } from '../../live/runs/use-runs.ts';
import { Link, useQuery } from '../../router/router.tsx';
import { failureWords } from '../../session/api.ts';
import { useRole } from '../../session/use-session.ts';
import { Button } from '../../ui/button.tsx';
import { Icon } from '../../ui/icon.tsx';
import { Notice } from '../../ui/notice.tsx';
import { Thread } from '../../ui/thread.tsx';
import { shownName } from '../../words/name.ts';
import { lineOf } from '../chat/cards/card-paths.ts';
import { shareCard } from '../chat/chat-side.ts';
import { useMayShare } from '../chat/use-may-share.ts';
import { usePause } from '../machine/pause.tsx';
import { OutputPanel } from '../output/output-panel.tsx';
import { NarrowTools } from '../shell/narrow-tools.tsx';
import { PageFrame } from '../shell/shell.tsx';
import { Attributes, Result } from './attributes.tsx';
import { CancelButton, useCancelRun } from './cancel-run.tsx';
import { RunFacts } from './run-facts.tsx';
import { isUnderWay } from './run-words.ts';
import styles from './run.module.css';
import { Steps } from './steps.tsx';

const crumb = { to: '/runs', title: 'Runs' };

export function Run({ run }: { readonly run: string }): ReactElement {
  const view = useRun(run);
  const { goLive } = usePause();
  // Here one pauses the output alone: a pause of another page would say that this one stands still.
  useEffect(goLive, [goLive]);
  switch (view.kind) {
    case 'asking':
      return (
        <PageFrame title="Run" crumb={crumb}>
          <p className={styles.waiting}>
            <Thread state="none" /> no data yet
          </p>
        </PageFrame>
      );
    case 'failed':
      return (
        <PageFrame title={view.isUnknown ? 'No such run' : 'Run'} crumb={crumb}>
          {view.isUnknown ? (
            <p>
              This hub has no run {run}, or you may not see it: it may be older than what is kept.{' '}
              <Link to="/runs">Go to the runs</Link>
            </p>
          ) : (
            <Notice kind="crit" title="The run was not loaded">
              {failureWords(view.error)}
            </Notice>
          )}
        </PageFrame>
      );
    case 'known':
      return <Known view={view} />;
  }
}

function Known({ view }: { readonly view: Extract<RunView, { kind: 'known' }> }): ReactElement {
  const { row, state, earlier, count } = view;
  const { run, agent } = row;
  const role = useRole();
  const line = useLine();
  const tick = useHubNow(1_000);
  const clockOf = useMachineClock();
  const cancelling = useCancelRun(run);
  const mayShare = useMayShare();
  const query = useQuery();
  const at = useMemo(() => lineOf(query), [query]);
  const [chosen, setChosen] = useState<string>();
  const choose = useCallback((id: string) => setChosen((before) => (before === id ? undefined : id)), []);
  // Without a line nobody knows whether it still runs: it stands as it was when the hub was last heard.
  const now = line.isUp ? tick : (line.heardAt ?? tick);
  const machineNow = clockOf(agent, now);
  const isRunning = isUnderWay(row);
  const mayCancel =
    isRunning && row.state !== 'cancelling' && role !== undefined && hasScope({ scope: role }, 'operator');
  const { ended } = state;
  const hasResult = ended !== undefined && 'result' in ended;
  const hasAside = state.steps.size > 0 || state.attributes.size > 0 || hasResult;
  const name = shownName(row.name);
  const share = mayShare ? (
    <Button onPress={() => shareCard({ type: 'run', run })}>
      <Icon name="share-2" size={14} />
      Share in chat
    </Button>
  ) : undefined;
  return (
    <PageFrame
      title={name}
      crumb={crumb}
      tools={share}
      action={mayCancel ? <CancelButton {...cancelling} /> : undefined}
    >
      {cancelling.problem === undefined || !isRunning ? null : (
        <Notice kind="crit" title="The run was not cancelled">
          {cancelling.problem}
        </Notice>
      )}
      {row.state === 'cancelling' && row.awaySince !== null ? (
        <Notice kind="offline" title={`${agent} does not answer`}>
          The run is told to end when its machine is back. Until then this stays asked.
        </Notice>
      ) : null}
      {ended?.error === undefined || ended.outcome === 'succeeded' || ended.outcome === 'cancelled' ? null : (
        <Notice kind="crit" title={ended.outcome === 'lost' ? `${name} was lost` : `${name} failed`}>
          {ended.error.split('\n', 12).map(shownName).join(' ')}
        </Notice>
      )}
      <RunFacts row={row} state={state} earlier={earlier} now={now} machineNow={machineNow} isUp={line.isUp} />
      {share === undefined ? null : <NarrowTools>{share}</NarrowTools>}
      <div className={styles.parts} data-aside={hasAside}>
        {hasAside ? (
          <div className={styles.aside}>
            {state.steps.size === 0 ? null : (
              <Steps
                steps={state.steps}
                beganAt={row.startedAt}
                now={row.endedAt ?? machineNow}
                isUp={line.isUp}
                chosen={chosen}
                onChoose={choose}
              />
            )}
            {hasResult ? <Result result={ended.result} /> : null}
            <Attributes state={state} chosen={chosen} earlier={earlier} onAll={() => setChosen(undefined)} />
          </div>
        ) : null}
        <div className={styles.output}>
          <OutputPanel
            key={run}
            channel={`runs/${run}`}
            title="Output"
            label={`Output of ${name}`}
            count={count}
            at={at}
            isMain
            isOver={!isRunning}
            awaySince={row.awaySince}
            empty={isRunning ? 'It has printed nothing so far.' : 'It printed nothing.'}
          />
        </div>
      </div>
    </PageFrame>
  );
}

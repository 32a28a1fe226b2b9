// One agent: how it stands, its readings, logs and runs. Who opens this page makes it report each second.

import { hasScope } from '@telltale/protocol';
import { useMemo, type ReactElement } from 'react';
import { Link, useQuery } from '../../router/router.tsx';
import { useRole } from '../../session/use-session.ts';
import { Button } from '../../ui/button.tsx';
import { Notice } from '../../ui/notice.tsx';
import { Thread } from '../../ui/thread.tsx';
import { useOpened } from '../../ui/use-opened.ts';
import { exactDuration } from '../../words/time.ts';
import { sharedIn, spanOf } from '../chat/cards/card-paths.ts';
import { Charts } from '../machine/charts.tsx';
import { Disks } from '../machine/disks.tsx';
import { useMachineTools } from '../machine/machine-tools.tsx';
import { PastCharts } from '../machine/past-charts.tsx';
import { Processes } from '../machine/processes.tsx';
import { MachineTiles } from '../machine/tiles.tsx';
import { useMachine } from '../machine/use-machine.ts';
import { RunsList } from '../runs/runs-list.tsx';
import { NarrowTools } from '../shell/narrow-tools.tsx';
import { PageFrame } from '../shell/shell.tsx';
import { AddAgent } from './add-agent.tsx';
import { AgentFacts } from './agent-facts.tsx';
import { AgentLogs } from './agent-logs.tsx';
import type { AgentView } from './agent-view.ts';
import styles from './agent.module.css';
import { Credential } from './credential.tsx';
import { Decide } from './decide.tsx';
import { isClockOff, type Moment } from './standing.ts';
import { useAgent, type OneAgent } from './use-agents.ts';

const crumb = { to: '/agents', title: 'Agents' };

export function Agent({ agent }: { readonly agent: string }): ReactElement {
  const found = useAgent(agent);
  switch (found.kind) {
    case 'unread':
      return (
        <PageFrame title={agent} crumb={crumb}>
          <p className={styles.waiting}>
            <Thread state="none" /> no data yet
          </p>
        </PageFrame>
      );
    case 'unknown':
      return (
        <PageFrame title={agent} crumb={crumb}>
          <p>
            This hub has no agent called {agent}: it was removed, or never enrolled.{' '}
            <Link to="/agents">Go to the agents</Link>
          </p>
        </PageFrame>
      );
    case 'known':
      return found.row.state === 'never-seen' ? <NeverSeen found={found} /> : <Reporting found={found} />;
  }
}

type Known = Extract<OneAgent, { kind: 'known' }>;

function useIsAdmin(): boolean {
  const role = useRole();
  return role !== undefined && hasScope({ scope: role }, 'admin');
}

function Reporting({ found }: { readonly found: Known }): ReactElement {
  const { row, views, moment } = found;
  const [view, copy] = views as readonly [AgentView, AgentView?];
  const { agent } = row;
  const isAdmin = useIsAdmin();
  const { tools, rangeMs } = useMachineTools();
  const machine = useMachine({
    agent,
    called: agent === 'local' ? 'this hub’s machine' : agent,
    rangeMs,
    silence: silenceOf(row, moment),
    // Less than that is the way of a message, and no reason to speak of two times.
    ...(isClockOff(row.clockOffsetMs) ? { clockOffsetMs: row.clockOffsetMs } : {}),
  });
  const { denied } = machine;
  const query = useQuery();
  const span = useMemo(() => spanOf(query), [query]);
  const place = useMemo(() => sharedIn(query), [query]);
  return (
    <PageFrame title={agent} crumb={crumb} sub={view.title} tools={tools}>
      {copy === undefined ? null : (
        <Notice kind="refused" title={copy.says}>
          <span className={styles.conflict}>
            {copy.copy}
            {isAdmin ? <Decide agent={agent} since={copy.copySince} /> : null}
          </span>
        </Notice>
      )}
      {denied === undefined ? null : (
        <Notice kind="refused" title={`Refused: no right to the samples of ${agent}, ${denied.code}`}>
          {denied.reason}
        </Notice>
      )}
      <AgentFacts row={row} view={view} now={moment.now} />
      <MachineTiles machine={machine} />
      <NarrowTools>{tools}</NarrowTools>
      {span === undefined ? <Charts machine={machine} /> : <PastCharts live={machine} span={span} place={place} />}
      {agent === 'local' && row.files.length === 0 ? null : <AgentLogs row={row} />}
      <div className={styles.runs}>
        <RunsList agent={agent} />
      </div>
      <div className={styles.lower}>
        <Processes machine={machine} />
        <div className={styles.stack}>
          <Disks machine={machine} />
          {isAdmin && agent !== 'local' ? <Credential row={row} moment={moment} /> : null}
        </div>
      </div>
    </PageFrame>
  );
}

/** Why nothing comes from it: a chart says so in its hole. */
function silenceOf({ agent, state, since }: Known['row'], { now }: Moment): string | undefined {
  if (state === 'lost') return `agent ${agent} offline, ${exactDuration(now - since)}`;
  if (state === 'runs-only') return `agent ${agent} reports runs only`;
  return state === 'closed' || state === 'revoked' ? `agent ${agent} ${state}` : undefined;
}

/** An agent whose machine has not come yet. */
function NeverSeen({ found }: { readonly found: Known }): ReactElement {
  const { row, views, moment } = found;
  const { isOpen: isAdding, open, close, opener } = useOpened();
  const isAdmin = useIsAdmin();
  return (
    <PageFrame title={row.agent} crumb={crumb}>
      <div className={styles.empty}>
        <Thread state="none" size="wide" />
        <h2>{views[0]?.says}</h2>
        <p>Its readings, logs and runs will stand here when its machine reports.</p>
        {isAdmin && !isAdding ? (
          <Button onPress={open} ref={opener}>
            Make another line to paste
          </Button>
        ) : null}
      </div>
      {isAdding ? <AddAgent rows={[row]} now={moment.now} name={row.agent} onClose={close} /> : null}
      {isAdmin ? <Credential row={row} moment={moment} /> : null}
    </PageFrame>
  );
}

// The strip at the top of a run: how it stands, for how long, how far it is, where, since when, and what it is.

import type { RunState as RunFold } from '@telltale/agent/run-state';
import type { RunRow, RunSnapshot } from '@telltale/hub/api';
import type { ReactElement, ReactNode } from 'react';
import { Link } from '../../router/router.tsx';
import { shownName } from '../../words/name.ts';
import { grouped, missing } from '../../words/units.ts';
import { RunState } from './run-state.tsx';
import { isUnderWay, saidOf, startedWords, took, usualMs } from './run-words.ts';
import styles from './run.module.css';

export function RunFacts({
  row,
  state,
  earlier,
  now,
  machineNow,
  isUp,
}: {
  readonly row: RunRow;
  readonly state: RunFold;
  readonly earlier: RunSnapshot['earlier'];
  /** The hub's clock, and that of the machine the run is on. */
  readonly now: number;
  readonly machineNow: number;
  readonly isUp: boolean;
}): ReactElement {
  const isRunning = isUnderWay(row);
  const { startedAt, endedAt, agent, by } = row;
  const done = state.progress?.done ?? null;
  const note = state.progress?.note;
  const usual = usualMs(earlier);
  const command = state.started?.command ?? row.command;
  const started = startedWords(startedAt, machineNow);
  return (
    <div className={styles.facts}>
      <dl>
        <Fact title="State">
          <RunState said={saidOf(row, now, isUp)} />
        </Fact>
        <Fact title={isRunning ? 'For' : 'Took'}>{took((endedAt ?? machineNow) - startedAt)}</Fact>
        {done === null ? null : (
          <Fact title="Progress">
            {grouped(Math.floor(done * 100))} %{note === undefined ? null : <small>{shownName(note)}</small>}
          </Fact>
        )}
        <Fact title="On">
          <Link to={`/agents/${agent}`}>{agent}</Link>
        </Fact>
        <Fact title="Started" isWide>
          {by === null ? started : `${started} by ${shownName(by)}`}
        </Fact>
        <Fact title="Usually takes" isWide>
          {usual === undefined ? missing : took(usual)}
        </Fact>
        {command === null ? null : (
          <Fact title="Command" isWide>
            <code title={command}>{shownName(command)}</code>
          </Fact>
        )}
      </dl>
      {done === null ? null : (
        <div
          className={styles.progress}
          role="progressbar"
          aria-label="Progress"
          aria-valuenow={Math.floor(done * 100)}
          aria-valuemin={0}
          aria-valuemax={100}
        >
          <i style={{ transform: `scaleX(${done})` }} />
        </div>
      )}
    </div>
  );
}

function Fact({
  title,
  isWide = false,
  children,
}: {
  readonly title: string;
  /** Left out on a phone. */
  readonly isWide?: boolean;
  readonly children: ReactNode;
}): ReactElement {
  return (
    <div data-wide={isWide} data-fact={title}>
      <dt>{title}</dt>
      <dd>{children}</dd>
    </div>
  );
}

// The strip at the head of an agent's page: how it stands and why, and what it says of itself.

import type { AgentRow } from '@telltale/hub/api';
import type { ReactElement } from 'react';
import { Fact, Strip } from '../../ui/strip.tsx';
import { shownName } from '../../words/name.ts';
import { counted, bytes, milliseconds, missing, together } from '../../words/units.ts';
import { clock, dayOr, duration } from '../../words/time.ts';
import { State } from './agent-cells.tsx';
import type { AgentView } from './agent-view.ts';
import { clockWords, isClockOff } from './standing.ts';

export function AgentFacts({
  row,
  view,
  now,
}: {
  readonly row: AgentRow;
  readonly view: AgentView;
  /** The hub's clock. */
  readonly now: number;
}): ReactElement {
  const { platform, cores, version, clockOffsetMs, spooledBytes, since, state } = row;
  const { isStale, roundTripMs } = view;
  return (
    <Strip label="State">
      <Fact name="State" isWide>
        <State view={view} />
      </Fact>
      {state === 'live' ? (
        <Fact name="Connected for" isStale={isStale}>
          <span title={`since ${dayOr(clock, since, now)}`}>{duration(Math.max(now - since, 1_000))}</span>
        </Fact>
      ) : null}
      <Fact name="Round trip" isStale={isStale}>
        {roundTripMs === null ? missing : milliseconds(roundTripMs)}
      </Fact>
      <Fact name="Clock" isStale={isStale}>
        {clockOffsetMs === null ? missing : isClockOff(clockOffsetMs) ? clockWords(clockOffsetMs) : 'in step'}
      </Fact>
      <Fact name="Waits to be sent" isStale={isStale}>
        {together(bytes(spooledBytes))}
      </Fact>
      <Fact name="Version" isStale={isStale}>
        {version === '' ? missing : shownName(version)}
      </Fact>
      <Fact name="Machine" isStale={isStale}>
        {machineWords(platform, cores)}
      </Fact>
    </Strip>
  );
}

/** `linux 6.8.0 x64, 4 cores`. */
function machineWords(platform: string, cores: number): string {
  if (platform === '') return missing;
  return cores > 0 ? `${shownName(platform)}, ${counted(cores, 'core', 'cores')}` : shownName(platform);
}

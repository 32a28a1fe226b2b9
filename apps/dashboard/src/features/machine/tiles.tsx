// The tiles of a machine. Each says how old its number is; the ages run on their own, without drawing the rest anew.

import type { Sample } from '@telltale/agent/sample';
import { useMemo, type ReactElement } from 'react';
import { freshnessOf, type ValueFreshness } from '../../live/freshness.ts';
import type { Hole } from '../../live/holes.ts';
import { useHubNow } from '../../live/live.tsx';
import { Fresh } from '../../ui/fresh.tsx';
import { Sparkline } from '../../ui/sparkline.tsx';
import { Tape } from '../../ui/tape.tsx';
import { Tile, Tiles } from '../../ui/tile.tsx';
import { usePause } from './pause.tsx';
import { tilesOf } from './tiles-model.ts';

const curveMs = 5 * 60_000;

interface Question {
  readonly samples: readonly Sample[];
  readonly holes: readonly Hole[];
  readonly isUp: boolean;
}

export function MachineTiles({ samples, holes, now, isUp }: Question & { readonly now: number }): ReactElement {
  const { pausedAt } = usePause();
  const tiles = useMemo(() => tilesOf(samples), [samples]);
  const { kind } = freshness({ samples, holes, isUp }, now, pausedAt);
  const end = kind === 'late' ? 'late' : kind === 'stale' ? 'stale' : 'live';
  // An open hole is what is missing at the right edge: the hanging thread says it there.
  const closed = useMemo(() => holes.filter((hole) => !hole.open), [holes]);
  return (
    <Tiles label="This machine" count={tiles.length}>
      {tiles.map(({ id, name, reading, level, tape, curve }) => (
        <Tile
          key={id}
          id={`tile-${id}`}
          name={name}
          reading={reading}
          level={level}
          state={kind}
          freshness={<Age samples={samples} holes={holes} isUp={isUp} />}
        >
          <Sparkline points={curve} holes={closed} now={now} spanMs={curveMs} end={end} />
          {tape === undefined ? null : <Tape {...tape} stale={kind === 'stale'} />}
        </Tile>
      ))}
    </Tiles>
  );
}

function Age(question: Question): ReactElement {
  const now = useHubNow(500);
  const { pausedAt } = usePause();
  const { kind, narrow } = freshness(question, now, pausedAt);
  return <Fresh state={kind} words={narrow} />;
}

function freshness({ samples, holes, isUp }: Question, now: number, pausedAt: number | undefined): ValueFreshness {
  const newest = samples.at(-1);
  return freshnessOf({
    at: newest?.at,
    intervalMs: newest?.intervalMs ?? 1_000,
    now,
    lineUp: isUp,
    holes,
    pausedAt,
  });
}

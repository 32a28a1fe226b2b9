// The tiles of a machine. Each says how old its number is; the ages run on their own, without drawing the rest anew.

import { useMemo, type ReactElement } from 'react';
import { freshnessOf, type ValueFreshness } from '../../live/freshness.ts';
import { useHubNow } from '../../live/live.tsx';
import { Fresh } from '../../ui/fresh.tsx';
import { Sparkline } from '../../ui/sparkline.tsx';
import { Tape } from '../../ui/tape.tsx';
import { Tile, Tiles } from '../../ui/tile.tsx';
import { usePause } from './pause.tsx';
import { tilesOf } from './tiles-model.ts';
import type { Machine } from './use-machine.ts';

const curveMs = 5 * 60_000;

export function MachineTiles({ machine }: { readonly machine: Machine }): ReactElement {
  const { called, samples, holes, now } = machine;
  const { pausedAt } = usePause();
  const tiles = useMemo(() => tilesOf(samples), [samples]);
  const { kind } = freshness(machine, now, pausedAt);
  const end = kind === 'late' ? 'late' : kind === 'stale' ? 'stale' : 'live';
  // An open hole is what is missing at the right edge: the hanging thread says it there.
  const closed = useMemo(() => holes.filter((hole) => !hole.open), [holes]);
  return (
    <Tiles label={called === 'this machine' ? 'This machine' : called} count={tiles.length}>
      {tiles.map(({ id, name, reading, level, tape, curve }) => (
        <Tile
          key={id}
          id={`tile-${id}`}
          name={name}
          reading={reading}
          level={level}
          state={kind}
          freshness={<Age machine={machine} />}
        >
          <Sparkline points={curve} holes={closed} now={now} spanMs={curveMs} end={end} />
          {tape === undefined ? null : <Tape {...tape} stale={kind === 'stale'} />}
        </Tile>
      ))}
    </Tiles>
  );
}

function Age({ machine }: { readonly machine: Machine }): ReactElement {
  const now = useHubNow(500) + machine.clockOffsetMs;
  const { pausedAt } = usePause();
  const { kind, narrow } = freshness(machine, now, pausedAt);
  return <Fresh state={kind} words={narrow} />;
}

function freshness(
  { samples, holes, isUp, clockOffsetMs }: Machine,
  now: number,
  pausedAt: number | undefined,
): ValueFreshness {
  const newest = samples.at(-1);
  return freshnessOf({
    at: newest?.at,
    intervalMs: newest?.intervalMs ?? 1_000,
    now,
    lineUp: isUp,
    holes,
    pausedAt: pausedAt === undefined ? undefined : pausedAt + clockOffsetMs,
  });
}

// How a run stands, and how long it took, in words and shapes. Pure. The shape is the state; colour only repeats it.

import type { RunRow } from '@telltale/hub/api';
import type { IconName } from '../../ui/icon.tsx';
import type { ThreadState } from '../../ui/thread.tsx';
import { shownName } from '../../words/name.ts';
import { ago, clock, dayAndTime, duration } from '../../words/time.ts';

export interface RunSaid {
  readonly words: string;
  readonly look: 'plain' | 'late' | 'stale' | 'quiet' | 'crit';
  /** What stands before the words: a thread while it is under way, a sign when it has ended. */
  readonly shape: { readonly thread: ThreadState } | { readonly icon: IconName };
}

type Standing = Pick<RunRow, 'state' | 'awaySince' | 'cancelledBy' | 'exitCode' | 'signal' | 'error'>;

/**
 * @param now the hub's clock
 * @param isUp false: the hub does not answer, so that nobody knows whether what was under way still is
 */
export function saidOf(row: Standing, now: number, isUp: boolean): RunSaid {
  const said = saidLive(row, now);
  if (isUp || !isUnderWay(row)) return said;
  return { words: `${said.words}, as of ${clock(now)}`, look: 'stale', shape: { thread: 'stale' } };
}

function saidLive(row: Standing, now: number): RunSaid {
  const { state, awaySince, cancelledBy, exitCode, signal, error } = row;
  const by = cancelledBy === null ? '' : shownName(cancelledBy);
  switch (state) {
    case 'running':
      if (awaySince === null) return { words: 'Running', look: 'plain', shape: { thread: 'live' } };
      return { words: lost(awaySince, now), look: 'stale', shape: { thread: 'stale' } };
    case 'cancelling': {
      const asked = by === '' ? 'Cancelling' : `Cancelling, asked by ${by}`;
      if (awaySince === null) return { words: asked, look: 'late', shape: { thread: 'late' } };
      return { words: `${asked}. ${lost(awaySince, now)}`, look: 'stale', shape: { thread: 'stale' } };
    }
    case 'succeeded':
      return { words: 'Succeeded', look: 'plain', shape: { icon: 'check' } };
    case 'failed': {
      const why = exitCode !== null ? `, exit ${exitCode}` : signal !== null ? `, ${shownName(signal)}` : '';
      const said = why === '' && error !== null ? `: ${shownName(error)}` : why;
      return { words: `Failed${said}`, look: 'crit', shape: { icon: 'octagon-alert' } };
    }
    case 'cancelled':
      return { words: by === '' ? 'Cancelled' : `Cancelled by ${by}`, look: 'quiet', shape: { icon: 'ban' } };
    case 'lost':
      return { words: 'Lost. It did not say how it ended', look: 'crit', shape: { icon: 'octagon-alert' } };
  }
}

function lost(awaySince: number, now: number): string {
  return `Line lost ${clock(awaySince)}, ${ago(Math.max(0, now - awaySince))}`;
}

export function isUnderWay({ state }: Pick<RunRow, 'state'>): boolean {
  return state === 'running' || state === 'cancelling';
}

/** How long something took: `6.1 s`, `43 s`, `4 m 12 s`, `2 h 3 m`. */
export function took(milliseconds: number): string {
  const ms = Math.max(0, milliseconds);
  if (ms < 10_000) return `${(Math.floor(ms / 100) / 10).toFixed(1)} s`;
  if (ms < 60_000 || ms >= 3_600_000) return duration(ms);
  return `${Math.floor(ms / 60_000)} m ${String(Math.floor((ms % 60_000) / 1_000)).padStart(2, '0')} s`;
}

/** `14:03:00` of today, else with the day. */
export function startedWords(at: number, now: number): string {
  return new Date(at).toDateString() === new Date(now).toDateString() ? clock(at) : dayAndTime(at);
}

/** What a run of this name usually takes: the middle of the earlier ones that succeeded; undefined: none has. */
export function usualMs(
  earlier: readonly { readonly tookMs: number; readonly state: RunRow['state'] }[],
): number | undefined {
  const times = earlier.filter(({ state }) => state === 'succeeded').map(({ tookMs }) => tookMs);
  times.sort((one, other) => one - other);
  return times[Math.floor((times.length - 1) / 2)];
}

export function runPath(run: string): string {
  return `/runs/${run}`;
}

// What stands under an output that is followed: whether more comes, how old the newest line is, and which hop is cut where
// none comes. Pure.

import type { OutputFoot } from '../../ui/output/output-viewer.tsx';
import { ago, clock, duration } from '../../words/time.ts';

export interface FootQuestion {
  /** The hub's clock. */
  readonly now: number;
  /** When the hub took the newest line. */
  readonly newestAt: number | undefined;
  readonly isUp: boolean;
  readonly isCatchingUp: boolean;
  /** No more comes: the run has ended. */
  readonly isOver: boolean;
  /** Since when its machine does not answer. */
  readonly awaySince: number | null;
}

export function footOf(question: FootQuestion): OutputFoot {
  return { ...saidOf(question), isGrowing: !question.isOver };
}

function saidOf({ now, newestAt, isUp, isCatchingUp, isOver, awaySince }: FootQuestion): Omit<OutputFoot, 'isGrowing'> {
  const newest =
    newestAt === undefined ? 'No line yet' : `Newest line ${clock(newestAt)}, ${ago(Math.max(0, now - newestAt))}`;
  if (!isUp) return { thread: 'stale', title: 'The hub does not answer.', detail: newest };
  if (isOver)
    return { thread: undefined, title: 'Ended.', detail: newestAt === undefined ? 'It printed nothing' : newest };
  if (awaySince !== null) {
    const since = `Line lost ${clock(awaySince)}, ${ago(Math.max(0, now - awaySince))}.`;
    return { thread: 'stale', title: since, detail: 'What it prints meanwhile comes when its machine is back' };
  }
  if (isCatchingUp) return { thread: 'catching', title: 'Catching up.', detail: newest };
  if (newestAt === undefined) return { thread: 'none', title: 'Following.', detail: newest };
  return { thread: 'live', title: 'Following.', detail: `Newest line ${duration(Math.max(0, now - newestAt))} old` };
}

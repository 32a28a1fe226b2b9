// The steps of a run as a tree on one axis of time. Pure. Hostile input: a step belongs only to one that began before it,
// so that no ring of them can keep the page busy.

import type { RunState, StepState } from '@telltale/agent/run-state';

export interface StepNode {
  readonly step: StepState;
  /** 0: of the run itself. */
  readonly depth: number;
  readonly hasChildren: boolean;
}

/** Deeper steps stand no further to the right. */
export const deepestShown = 8;

/** Rows from the top, children below their parent in the order they began, without those of folded steps. */
export function nodesOf(steps: RunState['steps'], folded: ReadonlySet<string>): readonly StepNode[] {
  const children = new Map<string | undefined, StepState[]>();
  const begun = new Set<string>();
  for (const step of steps.values()) {
    const parent = step.parent !== undefined && begun.has(step.parent) ? step.parent : undefined;
    const siblings = children.get(parent);
    if (siblings === undefined) children.set(parent, [step]);
    else siblings.push(step);
    begun.add(step.id);
  }
  const nodes: StepNode[] = [];
  const waiting = [...(children.get(undefined) ?? [])].reverse().map((step) => ({ step, depth: 0 }));
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    const { step, depth } = next;
    const below = children.get(step.id) ?? [];
    nodes.push({ step, depth, hasChildren: below.length > 0 });
    if (!folded.has(step.id)) for (const child of [...below].reverse()) waiting.push({ step: child, depth: depth + 1 });
  }
  return nodes;
}

export type StepLook = 'running' | 'done' | 'failed' | 'cancelled' | 'lost';

export function lookOf({ outcome }: StepState): StepLook {
  return outcome === undefined ? 'running' : outcome === 'succeeded' ? 'done' : outcome;
}

/** Where a step lies on the axis from the run's beginning, in milliseconds. */
export interface StepSpan {
  readonly fromMs: number;
  readonly tookMs: number;
}

/** @param now the clock of the run's machine */
export function spanOf({ startedAt, endedAt }: StepState, beganAt: number, now: number): StepSpan {
  const fromMs = Math.max(0, startedAt - beganAt);
  return { fromMs, tookMs: Math.max(0, (endedAt ?? Math.max(now, startedAt)) - startedAt) };
}

/** What an arrow key does in the tree, from the row at `index`. */
export function stepKey(
  key: string,
  index: number,
  nodes: readonly StepNode[],
  folded: ReadonlySet<string>,
): { readonly to: number } | { readonly toggle: string } | undefined {
  const node = nodes[index];
  if (node === undefined) return undefined;
  const { step, depth, hasChildren } = node;
  const isOpen = hasChildren && !folded.has(step.id);
  switch (key) {
    case 'ArrowDown':
      return index + 1 < nodes.length ? { to: index + 1 } : undefined;
    case 'ArrowUp':
      return index > 0 ? { to: index - 1 } : undefined;
    case 'Home':
      return { to: 0 };
    case 'End':
      return { to: nodes.length - 1 };
    case 'ArrowRight':
      if (!hasChildren) return undefined;
      return isOpen ? { to: index + 1 } : { toggle: step.id };
    case 'ArrowLeft': {
      if (isOpen) return { toggle: step.id };
      const parent = nodes.findLastIndex((other, place) => place < index && other.depth < depth);
      return parent >= 0 ? { to: parent } : undefined;
    }
    default:
      return undefined;
  }
}

import type { RunEvent } from '@telltale/agent/run-events';
import { foldRunEvents, newRun, type StepState } from '@telltale/agent/run-state';
import { describe, expect, it } from 'vitest';
import { lookOf, nodesOf, spanOf, stepKey } from './steps-model.ts';

const step = (id: string, parent?: string, at = 0): RunEvent => ({
  type: 'step',
  at,
  id,
  name: id,
  ...(parent === undefined ? {} : { parent }),
});
const stepsOf = (...events: RunEvent[]): ReadonlyMap<string, StepState> => foldRunEvents(newRun, events).steps;
const drawn = (steps: ReadonlyMap<string, StepState>, ...folded: string[]): readonly string[] =>
  nodesOf(steps, new Set(folded)).map(
    (node) => `${'  '.repeat(node.depth)}${node.step.id}${node.hasChildren ? ' >' : ''}`,
  );

const steps = stepsOf(
  step('prepare'),
  step('upload'),
  step('lock', 'prepare'),
  step('users', 'upload'),
  step('part', 'users'),
);

describe('steps', () => {
  it('stand below their parents, in the order they began', () => {
    expect(drawn(steps)).toEqual(['prepare >', '  lock', 'upload >', '  users >', '    part']);
    expect(drawn(steps, 'upload')).toEqual(['prepare >', '  lock', 'upload >']);
  });

  it('of nobody, of themselves and of each other stand at the top', () => {
    expect(drawn(stepsOf(step('a', 'ghost'), step('b', 'b'), step('c', 'd'), step('d', 'c')))).toEqual([
      'a',
      'b',
      'c >',
      '  d',
    ]);
  });

  it('two thousand deep are drawn', () => {
    const deep = Array.from({ length: 2_000 }, (_, index) =>
      step(`${index}`, index === 0 ? undefined : `${index - 1}`),
    );
    expect(nodesOf(stepsOf(...deep), new Set())).toHaveLength(2_000);
  });

  it('lie on the axis of their run, running ones up to now', () => {
    const ended = stepsOf(step('a', undefined, 1_500), { type: 'step-ended', at: 4_000, id: 'a', outcome: 'failed' });
    expect(spanOf(ended.get('a') as StepState, 1_000, 9_000)).toEqual({ fromMs: 500, tookMs: 2_500 });
    expect(lookOf(ended.get('a') as StepState)).toBe('failed');
    const running = stepsOf(step('a', undefined, 1_500)).get('a') as StepState;
    expect(spanOf(running, 1_000, 9_000)).toEqual({ fromMs: 500, tookMs: 7_500 });
    // A clock that is behind makes no negative times.
    expect(spanOf(running, 2_000, 1_000)).toEqual({ fromMs: 0, tookMs: 0 });
  });

  it('are walked by arrow keys', () => {
    const nodes = nodesOf(steps, new Set());
    const press = (key: string, index: number, ...folded: string[]) => stepKey(key, index, nodes, new Set(folded));
    expect(press('ArrowDown', 0)).toEqual({ to: 1 });
    expect(press('ArrowDown', 4)).toBeUndefined();
    expect(press('ArrowUp', 0)).toBeUndefined();
    expect(press('ArrowRight', 0)).toEqual({ to: 1 });
    expect(press('ArrowRight', 0, 'prepare')).toEqual({ toggle: 'prepare' });
    expect(press('ArrowRight', 1)).toBeUndefined();
    expect(press('ArrowLeft', 3)).toEqual({ toggle: 'users' });
    expect(press('ArrowLeft', 4)).toEqual({ to: 3 });
    expect(press('ArrowLeft', 1)).toEqual({ to: 0 });
    expect(press('Home', 3)).toEqual({ to: 0 });
    expect(press('End', 0)).toEqual({ to: 4 });
    expect(press('x', 0)).toBeUndefined();
  });
});

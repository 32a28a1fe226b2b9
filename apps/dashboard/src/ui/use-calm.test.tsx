// @vitest-environment happy-dom
import { act, useEffect } from 'react';
import { createRoot, type Root } from 'react-dom/client';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { useCalm } from './use-calm.ts';

(globalThis as { IS_REACT_ACT_ENVIRONMENT?: boolean }).IS_REACT_ACT_ENVIRONMENT = true;

let root: Root;
let shown: number[];
let renders = 0;
beforeEach(() => {
  vi.useFakeTimers({ toFake: ['performance', 'setTimeout', 'clearTimeout'] });
  root = createRoot(document.createElement('div'));
  shown = [];
});
afterEach(() => {
  act(() => root.unmount());
  vi.useRealTimers();
});

function Calm({ at, value }: { readonly at: number; readonly value: number }): null {
  const calm = useCalm(value, 250);
  useEffect(() => {
    renders += 1;
    shown[at] = calm;
  });
  return null;
}
const render = (...values: readonly number[]): void =>
  act(() => root.render(values.map((value, at) => <Calm key={at} at={at} value={value} />)));
const pass = (ms: number): void => act(() => void vi.advanceTimersByTime(ms));

it('shows what comes first at once, and then changes at most so often', () => {
  render(1);
  render(2);
  expect(shown).toEqual([2]);
  render(3);
  expect(shown).toEqual([2]);
  pass(375);
  expect(shown).toEqual([3]);
});

it('shows what comes rarely at once', () => {
  render(1);
  for (const value of [2, 3, 4]) {
    pass(1_000);
    render(value);
    expect(shown).toEqual([value]);
  }
});

it('does not render of itself while values come', () => {
  render(1);
  const start = renders;
  for (let value = 2; value < 32; value += 1) {
    render(value);
    pass(100);
  }
  expect(renders - start).toBe(30);
  pass(375);
  expect(shown).toEqual([31]);
});

it('changes all values of one pace together, though they came at different times', () => {
  render(1);
  render(2, 1);
  pass(100);
  render(3, 2);
  render(4, 3);
  expect(shown).toEqual([2, 2]);
  pass(150);
  render(5, 4);
  expect(shown).toEqual([5, 4]);
});

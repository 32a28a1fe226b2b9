// @vitest-environment happy-dom
import type { Connection } from '@telltale/client';
import { ConnectionProvider } from '@telltale/client/react';
import { act, useEffect } from 'react';
import { createRoot, type Root } from 'react-dom/client';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import type { Session } from '../../session/session.ts';
import { SessionContext } from '../../session/use-session.ts';
import { useChanging, type Change } from './use-changing.ts';
import { useDraft, type Begun } from './use-draft.ts';

(globalThis as { IS_REACT_ACT_ENVIRONMENT?: boolean }).IS_REACT_ACT_ENVIRONMENT = true;

const state = { kind: 'signed-in', me: { id: 'ada' } };
const session = { state, subscribe: () => () => {} } as unknown as Session;
const named = (name: string): string => `telltale.chat.ada.begun.gone.${name}`;

// As to a page that came by plain HTTP.
Object.defineProperty(navigator, 'locks', { value: undefined, configurable: true });

let connection: Connection;
let root: Root;
let begun: Begun;
let change: Change;
function Field(): null {
  const draft = useDraft('general');
  const changing = useChanging('general', draft);
  useEffect(() => {
    begun = draft;
    change = changing;
  });
  return null;
}
const mount = (): void => {
  root = createRoot(document.createElement('div'));
  act(() =>
    root.render(
      <SessionContext value={session}>
        <ConnectionProvider connection={connection}>
          <Field />
        </ConnectionProvider>
      </SessionContext>,
    ),
  );
};
const unmount = (): void => act(() => root.unmount());
const pass = (ms: number): Promise<unknown> => act(() => vi.advanceTimersByTimeAsync(ms));

beforeEach(() => {
  vi.useFakeTimers();
  localStorage.clear();
  // What is begun belongs to a line, so each test has its own.
  connection = { state: { kind: 'open' } } as Connection;
  const at = Date.now() - 3_600_000;
  localStorage.setItem(named('general'), JSON.stringify({ text: 'left', changing: 7, at }));
  localStorage.setItem(named('edit/general/7'), JSON.stringify({ text: 'a change', at }));
});
afterEach(() => {
  unmount();
  vi.useRealTimers();
});

it('takes over what a tab that is gone has left, also where the room moves meanwhile', async () => {
  mount();
  await pass(1_000);
  unmount();
  mount();
  await pass(2_500);
  expect([begun.draft.text, begun.draft.changing]).toEqual(['left', 7]);
  await pass(3_500);
  expect(change.changing?.text).toBe('a change');
});

it('leaves the field to who types before a change that was left is there', async () => {
  mount();
  await pass(3_500);
  act(() => begun.put({ ...begun.latest(), text: 'left, and more' }));
  await pass(3_500);
  expect([change.changing, begun.draft.text]).toEqual([undefined, 'left, and more']);
  // It waits until it is begun again.
  act(() => change.begin(7, 'as it stood'));
  expect(change.changing?.text).toBe('a change');
});

it('writes nothing over what is kept after its room was left', async () => {
  mount();
  await pass(3_500);
  unmount();
  const own = Object.keys(localStorage).find((key) => key.endsWith('.general')) ?? '';
  expect(JSON.parse(localStorage.getItem(own) ?? '')).toMatchObject({ text: 'left', changing: 7 });
  localStorage.setItem(own, JSON.stringify({ text: 'newer', at: Date.now() }));
  await pass(3_500);
  mount();
  expect(begun.draft).toMatchObject({ text: 'newer' });
});

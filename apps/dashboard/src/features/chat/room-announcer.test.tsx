// @vitest-environment happy-dom
import type { ChatMessage } from '@telltale/hub/api';
import { act } from 'react';
import { createRoot, type Root } from 'react-dom/client';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { RoomAnnouncer } from './room-announcer.tsx';

(globalThis as { IS_REACT_ACT_ENVIRONMENT?: boolean }).IS_REACT_ACT_ENVIRONMENT = true;

const message = (offset: number, by = 'ada'): ChatMessage => ({
  offset,
  time: offset,
  from: { id: by, subject: by, kind: 'user', name: null },
  text: `text ${offset}`,
  reply: null,
  card: null,
  mentions: [],
  editedAt: null,
  deleted: null,
  reactions: {},
});

let box: HTMLElement;
let root: Root;
/** What a screen reader hears: texts that are put into the region, and not ones that stay. */
let heard: string[];
let watch: MutationObserver;
const show = (...messages: readonly ChatMessage[]): Promise<void> =>
  act(async () => {
    root.render(<RoomAnnouncer messages={messages} isKnown me="me" />);
    await vi.advanceTimersByTimeAsync(3_000);
  });

beforeEach(() => {
  vi.useFakeTimers();
  box = document.createElement('div');
  document.body.append(box);
  root = createRoot(box);
  heard = [];
  watch = new MutationObserver((changes) => {
    for (const { type, target, addedNodes } of changes) {
      if (type === 'characterData') heard.push(target.textContent ?? '');
      for (const node of addedNodes) if (node.textContent !== '') heard.push(node.textContent ?? '');
    }
  });
});
afterEach(() => {
  watch.disconnect();
  act(() => root.unmount());
  box.remove();
  vi.useRealTimers();
});

it('tells of others, politely, and again where it has the same words', async () => {
  const [one, two, three, four, five, mine] = [1, 2, 3, 4, 5].map((offset) => message(offset)).concat(message(6, 'me'));
  if (!one || !two || !three || !four || !five || !mine) throw new Error('six messages were expected');
  await show(one);
  const region = box.querySelector('[role="status"]');
  expect([region?.getAttribute('aria-live'), region?.textContent]).toEqual(['polite', '']);
  watch.observe(box, { subtree: true, childList: true, characterData: true });
  await show(one, two, three);
  await show(one, two, three, four, five);
  await show(one, two, three, four, five, mine);
  expect(heard).toEqual(['2 new messages', '2 new messages']);
});

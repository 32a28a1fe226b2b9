// The React example against a real hub, in a page of happy-dom: the machine and the messages appear, and the button sends.

import { hostname } from 'node:os';
import { Window } from 'happy-dom';
import { createElement } from 'react';
import { createRoot } from 'react-dom/client';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { type HubProcess, startHubProcess, testSecret } from '../../tests/support/hub-process.ts';
import { until } from '../../tests/support/until.ts';
import { Room } from './room.tsx';

let hub: HubProcess;
beforeAll(async () => {
  hub = await startHubProcess({ env: { TELLTALE_SECRET: testSecret } });
});
afterAll(async () => {
  await hub?.[Symbol.asyncDispose]();
});

it('shows the machine, the line and the messages of the room, its own included', async () => {
  const page = new Window({ url: 'http://localhost/' });
  const { document, localStorage, requestAnimationFrame, cancelAnimationFrame } = page;
  Object.assign(globalThis, { window: page, document, localStorage, WebSocket });
  Object.assign(globalThis, { requestAnimationFrame, cancelAnimationFrame });
  localStorage.setItem('access_token', await hub.token('mara', '--name', 'Mara'));
  const place = document.createElement('main');
  document.body.append(place);
  const root = createRoot(place as unknown as Element);
  root.render(createElement(Room, { hub: `ws://localhost:${hub.port}` }));
  const text = (): string => place.textContent;

  await until('the line and the machine', text, (shown) => shown.startsWith('open') && / cores/.test(shown));
  await until('the frames of the other socket', text, (shown) => /open \{"type":/.test(shown));
  place.querySelector('button')?.click();
  await until('the message', text, (shown) => shown.includes('Mara: Hello, all'));

  expect(text()).toContain(hostname());

  root.unmount();
  await page.happyDOM.close();
});

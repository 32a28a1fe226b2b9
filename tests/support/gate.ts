// The way of a page's sockets to its hub, as a test wants it: open, shut, or one on which the hub's answers get lost.

import type { BrowserContext, Page } from 'playwright-core';

export interface Gate {
  open(): void;
  /** No line. */
  shut(): void;
  /** A line without answers and messages of the hub. */
  mute(): void;
}

/** @param pages all of a browser, or one */
export async function gateOf(pages: BrowserContext | Page): Promise<Gate> {
  let state: 'open' | 'shut' | 'mute' = 'open';
  const cut: (() => void)[] = [];
  await pages.routeWebSocket(/\/ws\//, (socket) => {
    if (state === 'shut') {
      void socket.close({ code: 1013 });
      return;
    }
    const server = socket.connectToServer();
    socket.onMessage((text) => server.send(text));
    server.onMessage((text) => {
      if (state === 'mute' && /"type":"(result|messages)"/.test(String(text))) return;
      socket.send(text);
    });
    cut.push(() => void socket.close({ code: 1013 }));
  });
  return {
    open: () => void (state = 'open'),
    shut() {
      state = 'shut';
      for (const close of cut.splice(0)) close();
    },
    mute: () => void (state = 'mute'),
  };
}

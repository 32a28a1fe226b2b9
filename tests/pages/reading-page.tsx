// The page of reading-cost.test.ts: twenty components that each show what they read by the shipped hooks, either each of a
// stream of its own or all of one. Built for production; what the test reads is `window.told`.

import { createConnection } from '@telltale/client';
import { ConnectionProvider, useStream } from '@telltale/client/react';
import type { ReactElement } from 'react';
import { createRoot } from 'react-dom/client';

/** The twenty components. */
export const components = 20;

export interface ReadingTold {
  /** Of each component: how often it rendered. */
  readonly renders: number[];
  /** The most renders any component had within one animation frame. */
  most: number;
  /** Animation frames that something was rendered in. */
  frames: number;
  /** The newest value each component shows. */
  readonly newest: number[];
}

const told: ReadingTold = {
  renders: Array.from({ length: components }, () => 0),
  most: 0,
  frames: 0,
  newest: Array.from({ length: components }, () => 0),
};
Object.assign(window, { told });

/** Counts a frame for each that something was rendered in, so that counting costs no frames of its own. */
let before: readonly number[] | undefined;
function rendered(index: number, newest: number): void {
  if (before === undefined) {
    before = [...told.renders];
    requestAnimationFrame(() => {
      const counts = told.renders.map((count, at) => count - (before?.[at] ?? 0));
      told.frames++;
      told.most = Math.max(told.most, ...counts);
      before = undefined;
    });
  }
  told.renders[index] = (told.renders[index] ?? 0) + 1;
  told.newest[index] = newest;
}

function Reader({ channel, index }: { readonly channel: string; readonly index: number }): ReactElement {
  const { messages, freshness } = useStream<{ readonly n: number; readonly text: string }>(channel);
  const newest = messages.at(-1)?.data;
  rendered(index, newest?.n ?? 0);
  return (
    <p>
      {channel}: {newest?.n ?? 'nothing'}, {messages.length} held, {freshness.kind}
    </p>
  );
}

const isShared = new URLSearchParams(location.search).has('shared');
const connection = createConnection({ url: `ws://${location.host}/ws/` });
createRoot(document.body.appendChild(document.createElement('main'))).render(
  <ConnectionProvider connection={connection}>
    {Array.from({ length: components }, (_, index) => (
      <Reader key={index} channel={isShared ? 'readings/0' : `readings/${index}`} index={index} />
    ))}
  </ConnectionProvider>,
);

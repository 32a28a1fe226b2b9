// One channel of samples with its outages, as an external store: what the pages of machines draw. Subscribes through
// the connection, joins changes to one notification per frame, and keeps still while the page is hidden.

import type { DroppedMessages } from '@telltale/agent/run-events';
import type { Sample } from '@telltale/agent/sample';
import type { Connection, Freshness } from '@telltale/client';
import { hubBeganAnew, lineChanged, logBeganAnew, type Outage } from './outages.ts';
import { addDrops, addSamples, isDrop, isSample, keptMs } from './samples.ts';

export interface History {
  readonly samples: readonly Sample[];
  /** What the agent says it dropped. */
  readonly drops: readonly DroppedMessages[];
  readonly outages: readonly Outage[];
  readonly freshness: Freshness;
  readonly denied: { readonly code: number; readonly reason: string } | undefined;
}

export interface HistoryStore {
  readonly get: () => History;
  readonly subscribe: (listener: () => void) => () => void;
}

/** How much of the log is asked for: what the charts show at first. */
const firstReadSeconds = 15 * 60;

export interface HistoryOptions {
  readonly connection: Connection;
  readonly channel: string;
  /** Runs at the next frame. */
  readonly frame: (run: () => void) => void;
  /** Nobody listens any more, or somebody does again. */
  readonly onUsed: (isUsed: boolean) => void;
}

/**
 * Follows `channel` while somebody listens. An agent whose samples are read reports each second, so nobody must be left
 * who looks at nothing; who comes back within the client's linger finds everything still held.
 */
export function createHistory({ connection, channel, frame, onUsed }: HistoryOptions): HistoryStore {
  let history: History = {
    samples: [],
    drops: [],
    outages: [],
    freshness: { kind: 'catching-up' },
    denied: undefined,
  };
  let isAsked = false;
  let stop: (() => void) | undefined;
  const listeners = new Set<() => void>();

  const change = (next: Partial<History>): void => {
    history = { ...history, ...next };
    if (isAsked || document.hidden) return;
    isAsked = true;
    frame(() => {
      isAsked = false;
      for (const listener of listeners) listener();
    });
  };
  const hubNow = (): number => Date.now() + connection.clockOffsetMs;
  const take = (data: readonly unknown[]): void => {
    const samples = addSamples(history.samples, data.filter(isSample));
    const oldest = (samples.at(-1)?.at ?? 0) - keptMs;
    change({ samples, drops: addDrops(history.drops, data.filter(isDrop), oldest) });
  };

  const start = (): (() => void) => {
    const subscription = connection.subscribe(
      channel,
      (event) => {
        switch (event.type) {
          case 'messages':
            take(event.messages.map(({ data }) => data));
            break;
          case 'reset':
            change({ outages: logBeganAnew(history.outages, hubNow()) });
            break;
          case 'freshness':
            change({ freshness: event.freshness });
            break;
          case 'denied':
            change({ denied: { code: event.code, reason: event.reason } });
            break;
          case 'cleared':
            change({ samples: [], drops: [], outages: [] });
            break;
        }
      },
      { since: { seconds: firstReadSeconds } },
    );
    // A table that every page reads, for its life alone.
    const ofHub = connection.subscribe('agents', ({ type }) => {
      if (type === 'reset') change({ outages: hubBeganAnew(history.outages, hubNow()) });
    });
    const forget = connection.onState((state) => {
      const outages = lineChanged(history.outages, state, hubNow(), history.samples.at(-1)?.at);
      if (outages !== history.outages) change({ outages });
    });
    // Whatever came while nobody could see it is drawn once.
    const draw = (): void => change({});
    document.addEventListener('visibilitychange', draw);
    return () => {
      document.removeEventListener('visibilitychange', draw);
      forget();
      ofHub.close();
      subscription.close();
    };
  };

  return {
    get: () => history,
    subscribe(listener) {
      if (stop === undefined) {
        stop = start();
        onUsed(true);
      }
      listeners.add(listener);
      return () => {
        listeners.delete(listener);
        if (listeners.size > 0 || stop === undefined) return;
        stop();
        stop = undefined;
        onUsed(false);
      };
    },
  };
}

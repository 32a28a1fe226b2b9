// One channel of samples with its outages, as an external store: what the overview draws. Subscribes through the
// connection, joins changes to one notification per frame, and keeps still while the page is hidden.

import type { Sample } from '@telltale/agent/sample';
import type { Connection, Freshness } from '@telltale/client';
import { lineChanged, logBeganAnew, type Outage } from './outages.ts';
import { addSamples, isSample } from './samples.ts';

export interface History {
  readonly samples: readonly Sample[];
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

/** Follows `channel` from the first listener on, for as long as the connection lives: leaving a page loses no curve. */
export function createHistory(connection: Connection, channel: string, frame: (run: () => void) => void): HistoryStore {
  let history: History = { samples: [], outages: [], freshness: { kind: 'catching-up' }, denied: undefined };
  let isStarted = false;
  let isAsked = false;
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

  const start = (): void => {
    isStarted = true;
    connection.subscribe(
      channel,
      (event) => {
        switch (event.type) {
          case 'messages':
            change({ samples: addSamples(history.samples, event.messages.map(({ data }) => data).filter(isSample)) });
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
            change({ samples: [], outages: [] });
            break;
        }
      },
      { since: { seconds: firstReadSeconds } },
    );
    connection.onState((state) => {
      const outages = lineChanged(history.outages, state, hubNow(), history.samples.at(-1)?.at);
      if (outages !== history.outages) change({ outages });
    });
    // Whatever came while nobody could see it is drawn once.
    document.addEventListener('visibilitychange', () => change({}));
  };

  return {
    get: () => history,
    subscribe(listener) {
      if (!isStarted) start();
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}

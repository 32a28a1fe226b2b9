// When the gateway is asked what became of an attempt that ended without a word, and what its last answer still says of
// the ends that follow. Told of each end, and of each session, by attendant.ts; knows neither states nor retries.

import type { Environment } from './environment.ts';
import type { End } from './retry.ts';
import type { ConnectionOptions } from './types.ts';
import { socketUrl } from './url.ts';
import { askWhy } from './why.ts';

export interface Inquiry {
  about(end: End): Finding;
  /** An attempt became a session: what was answered of earlier ones is history. */
  admitted(): void;
}

export interface Finding {
  /** The end, with the words of the last answer where it brought none of its own. */
  readonly known: End;
  /** Asks the gateway about it; undefined: not now. Never rejects. */
  readonly ask: (() => Promise<End>) | undefined;
}

const askEveryMs = 10_000;

/**
 * Silent ends further apart are not in a row. Proxies that end whatever is old do so within an hour; and of all who lose
 * a server at once, few shall ask at once.
 */
const rowMs = 2 * 3_600_000;

export function createInquiry(options: ConnectionOptions, { now }: Pick<Environment, 'now'>): Inquiry {
  let askedAt = -askEveryMs;
  let endedAt = now();
  /** Ends in a row that came without a word, however long the sessions between them lasted. */
  let silentEnds = 0;
  let silentAt = 0;
  /** What was found last, as long as nothing says otherwise; while it is being asked for, of which end. */
  let answer: End | undefined;
  let asked: End | undefined;

  function forget(): void {
    answer = undefined;
    asked = undefined;
  }

  return {
    about(end) {
      // Its attempt began no sooner than the one before had ended.
      const begunAt = endedAt;
      endedAt = now();
      if (end.code !== 1006 || end.name === 'token-unavailable') {
        silentEnds = 0;
        forget();
        return { known: end, ask: undefined };
      }
      silentEnds = Math.abs(now() - silentAt) < rowMs ? silentEnds + 1 : 1;
      silentAt = now();
      const isBare = !end.name && !end.reason;
      const known = answer && isBare ? { ...answer, attempt: end.attempt } : end;
      if (options.speaks === 'foreign' || silentEnds < 2 || Math.abs(now() - askedAt) < askEveryMs) {
        return { known, ask: undefined };
      }
      askedAt = now();
      asked = end;
      return {
        known,
        async ask() {
          const found = await askWhy({
            fetch: options.fetch ?? globalThis.fetch,
            url: socketUrl(options.url),
            end,
            ageMs: () => now() - begunAt,
          });
          if (asked === end) answer = found;
          return found;
        },
      };
    },
    admitted: forget,
  };
}

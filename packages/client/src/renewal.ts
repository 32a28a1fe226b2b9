// Renews the token of a live session before it expires, by the server's clock. What fails is tried again while there
// is time; after that the session ends with 4419 and the connection signs in anew.

import type { ErrorFrame, ResultFrame } from '@telltale/protocol';
import type { ServerClock } from './clock.ts';
import type { Environment } from './environment.ts';
import type { OnAnswer } from './requests.ts';
import type { TokenSource } from './token.ts';
import type { ClientLogger } from './types.ts';

export interface Renewal {
  /** The session's credential ends then; undefined: never, or there is no session. */
  expiresAt(time: number | undefined): void;
  /** The machine may have slept: looks at the clock again. */
  wake(): void;
}

/** What fails is tried again after a second, then after twice as long each time, up to this. */
const longestPauseMs = 30_000;

export function createRenewal(
  environment: Environment,
  clock: ServerClock,
  tokens: TokenSource,
  authenticate: (token: string, onAnswer: OnAnswer) => void,
  logger: ClientLogger,
): Renewal {
  let cancel = () => {};
  let round = 0;
  let last: number | undefined;
  let failures = 0;

  function schedule(expiresAt: number | undefined): void {
    cancel();
    last = expiresAt;
    const mine = ++round;
    if (expiresAt === undefined || !tokens.canRenew) return;
    const leftMs = expiresAt - clock.serverNow();
    if (leftMs <= 0) return;
    const failed = (reason: object) => {
      if (mine !== round) return;
      failures++;
      logger.warn('token not renewed', reason);
      cancel = environment.after(Math.min(500 * 2 ** failures, longestPauseMs), () => schedule(expiresAt));
    };
    const answered = (answer: ResultFrame | ErrorFrame | undefined) => {
      if (mine !== round || answer === undefined) return;
      if (answer.type === 'error') return failed({ code: answer.code, message: answer.message });
      failures = 0;
      const renewed = (answer.data as { expiresAt?: unknown } | null | undefined)?.expiresAt;
      schedule(typeof renewed === 'number' ? renewed : undefined);
    };
    // First at 80 % of what is left, so that a timer that fires a minute late still is in time.
    cancel = environment.after(failures === 0 ? 0.8 * leftMs : 0, () => {
      tokens.get(true).then(
        (token) => {
          if (mine !== round) return;
          if (token === undefined) failed({ reason: 'the application has no token' });
          else authenticate(token, (answer) => answered(answer));
        },
        (error: unknown) => failed({ error: error instanceof Error ? error.name : typeof error }),
      );
    });
  }
  return {
    expiresAt(time) {
      failures = 0;
      schedule(time);
    },
    wake: () => schedule(last),
  };
}

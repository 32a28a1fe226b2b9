// Hashing and checking passwords with argon2id, a few at a time. Owns the queue in front of it: whoever signed in here
// before goes first, and when the queue is full the answer is "busy", so a flood of logins never starves the hub.

import { hash, verify } from '@node-rs/argon2';

/** OWASP's minimum for argon2id: 19 MiB, two passes, one lane. */
const parameters = { memoryCost: 19_456, timeCost: 2, parallelism: 1 } as const;

export const passwordRule = '8 characters or more, at most 1,024 bytes, and not the username';

/** Whether a text may become the password of this user. */
export function isAcceptablePassword(password: string, username: string): boolean {
  return [...password].length >= 8 && Buffer.byteLength(password) <= 1024 && password !== username;
}

export type PasswordCheck = 'right' | 'wrong' | 'busy';

export interface PasswordsOptions {
  /** Hashes computed at the same time. Default 2. */
  readonly concurrent?: number;
  /** Checks that may wait in each of the two queues. Default 50. */
  readonly queued?: number;
}

export interface Passwords {
  /** Waits its turn however long; for an administrator's change, never for a stranger's. */
  hash(password: string): Promise<string>;
  /**
   * Checks a password against a stored hash. Without one (no such user, or one without a password) a hash nobody has
   * the password of is checked instead, so that both cases take the same time.
   */
  check(password: string, stored: string | null | undefined, turn: 'known' | 'stranger'): Promise<PasswordCheck>;
}

export function createPasswords(options: PasswordsOptions = {}): Passwords {
  const { concurrent = 2, queued = 50 } = options;
  const queues: Record<'known' | 'stranger', (() => void)[]> = { known: [], stranger: [] };
  let running = 0;
  const nobody = hash(crypto.randomUUID(), parameters);
  // Handled where it is awaited; here only so that a failing native module is not an unhandled rejection at start.
  nobody.catch(() => undefined);

  const take = async (turn: 'known' | 'stranger'): Promise<void> => {
    if (running < concurrent) {
      running++;
      return;
    }
    await new Promise<void>((resolve) => queues[turn].push(resolve));
  };
  const release = (): void => {
    const next = queues.known.shift() ?? queues.stranger.shift();
    if (next === undefined) running--;
    else next();
  };
  const inTurn = async <Result>(turn: 'known' | 'stranger', run: () => Promise<Result>): Promise<Result> => {
    await take(turn);
    try {
      return await run();
    } finally {
      release();
    }
  };

  return {
    hash: (password) => inTurn('known', () => hash(password, parameters)),
    async check(password, stored, turn) {
      if (running >= concurrent && queues[turn].length >= queued) return 'busy';
      const right = await inTurn(turn, async () => await verify(stored ?? (await nobody), password));
      return right && typeof stored === 'string' ? 'right' : 'wrong';
    },
  };
}

// One attempt: a token, a socket, a deadline, and exactly one end, unless it is left before; then nothing is heard of it
// again. Made by the connection, which decides what follows.

import type { GoodbyeFrame, RefusedFrame } from '@telltale/protocol';
import { endOf } from './cause.ts';
import { dial } from './dial.ts';
import type { Environment } from './environment.ts';
import type { End } from './retry.ts';
import type { Socket } from './socket.ts';
import type { TokenSource } from './token.ts';
import type { ClientLogger, ConnectionOptions } from './types.ts';

export interface Attempt {
  readonly id: string;
  /** False: the socket is not open. */
  send(text: string): boolean;
  /** What was waited for is here: no deadline any more. */
  arrive(): void;
  /** A frame says why the end is coming. */
  announce(frame: RefusedFrame | GoodbyeFrame): void;
  /** Ends it as broken. */
  fail(name: string, more?: Partial<End>): void;
  leave(code?: number, reason?: string): void;
}

export interface AttemptWorld {
  readonly options: ConnectionOptions;
  readonly environment: Environment;
  readonly logger: ClientLogger;
  readonly tokens: TokenSource;
  /** True: stop here. */
  onToken(token: string | undefined): boolean;
  onOpen(): void;
  onText(text: string | undefined): void;
  onEnd(end: End, override?: boolean): void;
}

export function broken(attempt: string, name: string, more?: Partial<End>): End {
  return { attempt, code: 1006, wasClean: false, name, reason: '', ...more };
}

/** @param fresh whether the token that is held must not be used */
export function createAttempt(world: AttemptWorld, fresh: boolean): Attempt {
  const { options, environment, onEnd } = world;
  const id = environment.randomId();
  let socket: Socket | undefined;
  let said: RefusedFrame | GoodbyeFrame | undefined;
  let isLeft = false;
  let cancel = () => {};

  function fail(name: string, more?: Partial<End>): void {
    onEnd(broken(id, name, more));
  }
  function deadline(name: string): void {
    cancel();
    cancel = environment.after(options.connectTimeoutMs ?? 10_000, () =>
      said ? onEnd(endOf(id, { code: said.code, reason: '', wasClean: false }, said)) : fail(name),
    );
  }

  deadline('connect-timeout');
  world.tokens.get(fresh).then(
    (token) => {
      if (isLeft || world.onToken(token)) return;
      const dialled = dial(options, id, token, {
        onOpen() {
          if (options.speaks === 'foreign') world.onOpen();
          else deadline('welcome-missing');
        },
        onText: world.onText,
        onClose: (close) => onEnd(endOf(id, close, said), options.shouldReconnect?.(close)),
      });
      if ('reason' in dialled) fail('', { retry: false, ...dialled });
      else socket = dialled;
    },
    (error: unknown) => {
      world.logger.warn('no token', { error: (error as Error | undefined)?.name });
      if (!isLeft) fail('token-unavailable');
    },
  );

  return {
    id,
    fail,
    send: (text) => socket?.send(text) === true,
    arrive: () => cancel(),
    announce(frame) {
      said = frame;
    },
    leave(code, reason) {
      isLeft = true;
      cancel();
      socket?.leave(code, reason);
    },
  };
}

// What a session's socket tells it. One small object instead of a closure per event: there are as many as viewers.

import type { SocketHandler } from './session-socket.ts';
import type { Session } from './session.ts';

export class SessionHandler implements SocketHandler {
  readonly #session: Session;

  constructor(session: Session) {
    this.#session = session;
  }

  onText(text: string): void {
    this.#session.receive(text);
  }

  onBinary(): void {
    this.#session.finish('binary-frame', 'found a binary message, expected JSON text');
  }

  onResumed(): void {
    this.#session.context.delivery.resume(this.#session);
  }

  onClosed(end: Parameters<SocketHandler['onClosed']>[0]): void {
    this.#session.closed(end);
  }
}

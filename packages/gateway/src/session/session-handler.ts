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

  onFault(code: number): void {
    const { maxFrameBytes } = this.#session.limits;
    switch (code) {
      case 1009: {
        const reason = `found a message over ${maxFrameBytes} bytes, expected at most that: send less in one`;
        return this.#session.finish('frame-too-large', reason);
      }
      case 1007:
        return this.#session.finish(
          'not-utf8',
          'found a text that is not UTF-8, or does not inflate, expected JSON text',
        );
      default:
        // Also what came in more parts than anybody needs.
        return this.#session.finish(
          'protocol-error',
          'found what is no frame of RFC 6455, or a message in too many parts',
        );
    }
  }

  onResumed(): void {
    this.#session.context.delivery.resume(this.#session);
  }

  onClosed(end: Parameters<SocketHandler['onClosed']>[0]): void {
    this.#session.closed(end);
  }
}

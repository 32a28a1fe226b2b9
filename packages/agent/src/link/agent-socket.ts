// The WebSocket of a program: `ws` in the shape that the client knows, made to say why a try failed. A page is told its
// refusal in a frame; a program gets it as the body of an HTTP answer, which this turns into that frame.

import type { IncomingMessage } from 'node:http';
import type { WebSocketConstructor } from '@telltale/client';
import { WebSocket } from 'ws';

export interface AgentSockets {
  readonly WebSocket: WebSocketConstructor;
  /** Why the last try failed, as the system called it: `ECONNREFUSED`, `CERT_HAS_EXPIRED`, `HTTP 502`. */
  readonly trouble: string | undefined;
  /** Resolves when all that was sent has left and the sockets are closed; then, or after so long, none is left. */
  settle(withinMs: number): Promise<void>;
}

/** The hub says little to an agent. */
const maxPayload = 4 * 1024 * 1024;
const mostRefusalBytes = 16 * 1024;

/** Makes the sockets of one link. */
export function agentSockets(): AgentSockets {
  const open = new Set<WebSocket>();
  let trouble: string | undefined;

  class AgentSocket extends WebSocket {
    constructor(url: string, protocols: string[] = []) {
      // No compression: what an agent reads is a few words, and what it sends would cost both sides more than the bytes.
      super(url, protocols, { perMessageDeflate: false, maxPayload });
      open.add(this);
      this.on('open', () => (trouble = undefined));
      this.on('error', (error: NodeJS.ErrnoException) => (trouble = error.code ?? trouble ?? error.name));
      this.on('close', () => open.delete(this));
      this.on('unexpected-response', (_request: unknown, response: IncomingMessage) => {
        trouble = `HTTP ${response.statusCode}`;
        void bodyOf(response).then((body) => {
          const refusal = refusalOf(body);
          if (refusal !== undefined) this.emit('message', Buffer.from(JSON.stringify(refusal)), false);
          this.terminate();
        });
      });
    }
  }

  return {
    WebSocket: AgentSocket as unknown as WebSocketConstructor,
    get trouble() {
      return trouble;
    },
    async settle(withinMs) {
      const closed = [...open].map((socket) => new Promise((resolve) => socket.once('close', resolve)));
      let timer: NodeJS.Timeout | undefined;
      const late = new Promise((resolve) => (timer = setTimeout(resolve, withinMs)));
      await Promise.race([Promise.all(closed), late]);
      clearTimeout(timer);
      for (const socket of open) socket.terminate();
    },
  };
}

async function bodyOf(response: IncomingMessage): Promise<string> {
  let body = '';
  try {
    for await (const chunk of response.setEncoding('utf8')) {
      body += String(chunk);
      if (body.length > mostRefusalBytes) break;
    }
  } catch {
    // What came of it is all there is.
  }
  return body;
}

function refusalOf(body: string): object | undefined {
  try {
    const refusal = JSON.parse(body) as { code?: unknown; name?: unknown };
    return typeof refusal.code === 'number' && typeof refusal.name === 'string'
      ? { ...refusal, type: 'refused' }
      : undefined;
  } catch {
    return undefined;
  }
}

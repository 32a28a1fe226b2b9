// A small server that keeps logs and speaks the protocol over real sockets, and can be told to behave badly. Used by
// the client's tests only; it shares no code with the gateway, so that both are measured against PROTOCOL.md.

import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { defaultLimits, type Limits, type Message, type Since } from '@telltale/protocol';
import { type WebSocket, WebSocketServer } from 'ws';

export interface ServerLog {
  readonly kind: 'stream' | 'table';
  epoch: string;
  head: number;
  /** Oldest message a resume may start behind. */
  horizon: number;
  messages: Message[];
}

/** A frame of a client, as far as tests look at it. */
export interface ReceivedFrame {
  readonly type: string;
  readonly id: number;
  readonly at: number;
  readonly channel: string;
  readonly since?: Since;
  readonly once?: { readonly producer: string; readonly seq: number };
  readonly batch?: readonly { readonly key?: string; readonly data: unknown }[];
  readonly key?: string;
  readonly data?: unknown;
  readonly method?: string;
  readonly params?: unknown;
  readonly token?: string;
}

export interface Behaviour {
  /** Instead of a welcome. */
  onSocket?: (socket: WebSocket, request: IncomingMessage) => void;
  /** Answers the upgrade with this status and nothing else. */
  httpStatus?: number;
  /** True: this frame of a client is not handled further. */
  onFrame?: (frame: ReceivedFrame, socket: WebSocket) => boolean | void;
  welcome?: Record<string, unknown>;
  limits?: Partial<Limits>;
  /** Data that is answered with a final error, which uses its number up. */
  isBad?: (data: unknown) => boolean;
  /** Most messages of a frame; more follow with `more: true`. */
  frameSize?: number;
  /** What `GET /ws/attempts/<id>` answers. */
  attempt?: (id: string) => unknown;
}

export interface LogServer extends AsyncDisposable {
  readonly url: string;
  readonly port: number;
  behaviour: Behaviour;
  /** Requests of all upgrades, oldest first. */
  readonly upgrades: { readonly url: string; readonly protocols: string; readonly at: number }[];
  readonly asked: string[];
  readonly sockets: Set<WebSocket>;
  /** Frames clients sent, oldest first. */
  readonly received: ReceivedFrame[];
  log(channel: string, kind?: 'stream' | 'table'): ServerLog;
  publish(channel: string, data: unknown, key?: string): number;
  /** A new life of a log, empty. */
  reset(channel: string): void;
  /** Forgets what `once` remembers. */
  forgetProducers(): void;
  /** Cuts every connection without a close frame. */
  cut(): void;
  send(frame: object): void;
  stop(): Promise<void>;
  start(): Promise<void>;
}

export async function startLogServer(behaviour: Behaviour = {}): Promise<LogServer> {
  const logs = new Map<string, ServerLog>();
  const cursors = new Map<WebSocket, Map<string, number>>();
  const producers = new Map<string, { seq: number; offset: number }>();
  const received: ReceivedFrame[] = [];
  const upgrades: LogServer['upgrades'] = [];
  const asked: string[] = [];
  const sockets = new Set<WebSocket>();
  let epochs = 0;
  let sessions = 0;
  let port = 0;
  let server: Server;
  let sockServer: WebSocketServer;

  const send = (socket: WebSocket, frame: object) => socket.send(JSON.stringify(frame));
  function log(channel: string, kind: 'stream' | 'table' = 'stream'): ServerLog {
    let found = logs.get(channel);
    if (found === undefined)
      logs.set(channel, (found = { kind, epoch: `e${++epochs}`, head: 0, horizon: 0, messages: [] }));
    return found;
  }
  function sendSince(socket: WebSocket, channel: string, from: number): void {
    const { epoch, messages, head, kind, horizon } = log(channel);
    const left = messages.filter(({ offset }) => offset > from);
    const size = server_.behaviour.frameSize ?? Infinity;
    let gap = kind === 'stream' && from < horizon ? { from: from + 1, to: horizon } : undefined;
    do {
      const part = left.splice(0, size);
      const more = left.length > 0;
      const to = more ? (part.at(-1) as Message).offset : head;
      send(socket, {
        type: 'messages',
        channel,
        epoch,
        messages: part,
        to,
        ...(more && { more }),
        ...(gap && { gap }),
      });
      gap = undefined;
    } while (left.length > 0);
    cursors.get(socket)?.set(channel, head);
  }
  function append(channel: string, data: unknown, rest: object): number {
    const found = log(channel);
    const { key } = rest as { key?: string };
    if (found.kind === 'table') found.messages = found.messages.filter((message) => message.key !== key);
    const message = { offset: ++found.head, time: Date.now(), ...rest, data };
    found.messages.push(message);
    return found.head;
  }
  function flush(channel: string): void {
    for (const [socket, cursor] of cursors) {
      const at = cursor.get(channel);
      if (at !== undefined) sendSince(socket, channel, at);
    }
  }
  function subscribe(socket: WebSocket, id: number | undefined, channel: string, since: Since | undefined): void {
    const { epoch, head, kind, horizon, messages } = log(channel);
    const position = since !== undefined && 'epoch' in since ? since : undefined;
    const isLost =
      position !== undefined &&
      (position.epoch !== epoch || position.offset > head || (kind === 'table' && position.offset < horizon));
    const start = position === undefined ? 'fresh' : isLost ? 'reset' : 'resumed';
    const last = since !== undefined && 'last' in since ? since.last : Infinity;
    const fresh =
      kind === 'table'
        ? 0
        : Math.max(horizon, (messages.at(-Math.min(last, messages.length || 1))?.offset ?? head + 1) - 1);
    const from = start === 'resumed' ? (position as { offset: number }).offset : fresh;
    send(socket, {
      type: 'subscribed',
      ...(id !== undefined && { id }),
      channel,
      kind,
      start,
      position: { epoch, offset: from },
    });
    sendSince(socket, channel, from);
  }
  function handle(socket: WebSocket, frame: ReceivedFrame): void {
    received.push(frame);
    if (server_.behaviour.onFrame?.(frame, socket) === true) return;
    const { id, channel } = frame;
    switch (frame.type) {
      case 'ping':
        return send(socket, { type: 'pong', at: frame.at, time: Date.now() });
      case 'subscribe':
        return subscribe(socket, id, channel, frame.since);
      case 'unsubscribe':
        cursors.get(socket)?.delete(channel);
        return send(socket, { type: 'result', id, data: {} });
      case 'call':
        return send(socket, { type: 'result', id, data: { echo: frame.params } });
      case 'publish':
        return publish(socket, frame);
    }
  }
  function publish(socket: WebSocket, frame: ReceivedFrame): void {
    const { id, channel, once, batch, key, data } = frame;
    const { epoch } = log(channel);
    const place = `${channel} ${once?.producer}`;
    const known = producers.get(place);
    const expected = (known?.seq ?? 0) + 1;
    if (once !== undefined && known !== undefined && once.seq <= known.seq) {
      return send(socket, {
        type: 'result',
        id,
        data: { channel, position: { epoch, offset: known.offset }, duplicate: true },
      });
    }
    if (once !== undefined && once.seq !== expected) {
      return send(socket, { type: 'error', id, code: 4400, message: 'out of turn', retryable: true, expected });
    }
    const items = batch ?? [{ ...(key !== undefined && { key }), data }];
    if (items.some((item) => server_.behaviour.isBad?.(item.data) === true)) {
      if (once !== undefined) producers.set(place, { seq: once.seq, offset: known?.offset ?? 0 });
      return send(socket, { type: 'error', id, code: 4400, message: 'bad data', retryable: false });
    }
    let offset = 0;
    for (const item of items) {
      offset = append(channel, item.data, { ...(item.key !== undefined && { key: item.key }), ...(once && { once }) });
    }
    if (once !== undefined) producers.set(place, { seq: once.seq, offset });
    send(socket, { type: 'result', id, data: { channel, position: { epoch, offset } } });
    flush(channel);
  }
  function begin(socket: WebSocket, request: IncomingMessage): void {
    sockets.add(socket);
    socket.on('close', () => {
      sockets.delete(socket);
      cursors.delete(socket);
    });
    socket.on('error', () => {});
    const { onSocket, welcome, limits } = server_.behaviour;
    if (onSocket !== undefined) return onSocket(socket, request);
    cursors.set(socket, new Map());
    send(socket, {
      type: 'welcome',
      protocol: 1,
      mode: 'development',
      session: `s${++sessions}`,
      attempt: new URL(request.url as string, 'ws://x').searchParams.get('attempt') ?? 'none',
      identity: { id: 'ann', issuer: 'telltale', subject: 'ann', kind: 'user', scope: 'viewer' },
      time: Date.now(),
      heartbeatMs: 10_000,
      limits: { ...defaultLimits, ...limits },
      channels: [],
      ...welcome,
    });
    for (const channel of (welcome?.['channels'] ?? []) as string[]) subscribe(socket, undefined, channel, undefined);
    socket.on('message', (text) => handle(socket, JSON.parse(String(text)) as ReceivedFrame));
  }

  const server_: LogServer = {
    get url() {
      return `ws://127.0.0.1:${port}/ws/`;
    },
    get port() {
      return port;
    },
    behaviour,
    upgrades,
    asked,
    sockets,
    received,
    log,
    publish(channel, data, key) {
      const offset = append(channel, data, key === undefined ? {} : { key });
      flush(channel);
      return offset;
    },
    reset(channel) {
      const { kind } = log(channel);
      logs.delete(channel);
      log(channel, kind);
    },
    forgetProducers: () => producers.clear(),
    cut() {
      for (const socket of sockets) socket.terminate();
    },
    send(frame) {
      for (const socket of sockets) send(socket, frame);
    },
    async stop() {
      for (const socket of sockets) socket.terminate();
      sockServer.close();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
    async start() {
      server = createServer((request, response) => {
        const id = (request.url as string).split('/').at(-1) as string;
        asked.push(id);
        const answer = server_.behaviour.attempt?.(id);
        response.writeHead(answer === undefined ? 404 : 200, {
          'content-type': 'application/json',
          'access-control-allow-origin': '*',
        });
        response.end(JSON.stringify(answer ?? {}));
      });
      sockServer = new WebSocketServer({
        noServer: true,
        handleProtocols: (offered) => (offered.has('telltale.v1') ? 'telltale.v1' : false),
      });
      server.on('upgrade', (request, socket, head) => {
        upgrades.push({
          url: request.url as string,
          protocols: request.headers['sec-websocket-protocol'] ?? '',
          at: Date.now(),
        });
        const { httpStatus } = server_.behaviour;
        if (httpStatus !== undefined)
          return socket.end(`HTTP/1.1 ${httpStatus} No\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
        sockServer.handleUpgrade(request, socket, head, (upgraded) => begin(upgraded, request));
      });
      await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
      port = (server.address() as AddressInfo).port;
    },
    async [Symbol.asyncDispose]() {
      await server_.stop();
    },
  };
  await server_.start();
  return server_;
}

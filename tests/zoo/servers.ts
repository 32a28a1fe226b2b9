// Small servers that do one thing wrong, on free ports of the loopback: raw TCP, HTTP that answers one way, a WebSocket
// written by hand, and a relay that spoils what it passes on.

import { createHash } from 'node:crypto';
import { createServer as createHttpServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { createServer as createTlsServer, type TlsOptions } from 'node:tls';

export interface Listening {
  readonly port: number;
  end(): Promise<void>;
}

/** Listens, and destroys at its end whatever is still connected. */
export async function listen(server: Server, host = '127.0.0.1'): Promise<Listening> {
  const sockets = new Set<Socket>();
  for (const event of ['connection', 'secureConnection'] as const) {
    server.on(event, (socket: Socket) => {
      sockets.add(socket);
      socket.on('error', () => socket.destroy());
      socket.once('close', () => sockets.delete(socket));
    });
  }
  server.on('tlsClientError', () => {});
  await new Promise<void>((resolve) => server.listen(0, host, resolve));
  return {
    port: (server.address() as AddressInfo).port,
    async end() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** Every connection is handed over as it comes. */
export async function tcpServer(take: (socket: Socket) => void): Promise<Listening> {
  return await listen(createServer({ noDelay: true }, take));
}

/** A request as it came: its first line, and its headers in lower case. */
export interface RawRequest {
  readonly target: string;
  readonly headers: ReadonlyMap<string, string>;
  readonly isUpgrade: boolean;
}

/** HTTP by hand: every request is answered with bytes, or not at all. */
export async function rawHttpServer(
  answer: (socket: Socket, request: RawRequest) => void,
  tls?: TlsOptions,
): Promise<Listening> {
  const take = (socket: Socket): void => {
    let text = '';
    const read = (bytes: Buffer): void => {
      text += bytes.toString('latin1');
      const end = text.indexOf('\r\n\r\n');
      if (end < 0) return;
      socket.off('data', read);
      answer(socket, parse(text.slice(0, end)));
    };
    socket.on('data', read);
  };
  return await listen(tls === undefined ? createServer({ noDelay: true }, take) : createTlsServer(tls, take));
}

function parse(head: string): RawRequest {
  const [first = '', ...lines] = head.split('\r\n');
  const headers = new Map<string, string>();
  for (const line of lines) {
    const colon = line.indexOf(':');
    headers.set(line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim());
  }
  return { target: first.split(' ')[1] ?? '', headers, isUpgrade: headers.has('sec-websocket-key') };
}

/** An answer as text; its length is added. */
export function answerText(status: string, headers: Readonly<Record<string, string>> = {}, body = ''): string {
  const all = { 'Content-Type': 'text/html', ...headers, 'Content-Length': String(Buffer.byteLength(body)) };
  const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}\r\n`);
  return `HTTP/1.1 ${status}\r\n${lines.join('')}Connection: close\r\n\r\n${body}`;
}

/** Answers a plain request as an ordinary web server does, and a handshake with this. */
export async function statusServer(
  status: string,
  headers: Readonly<Record<string, string>> = {},
  body = '',
): Promise<Listening> {
  return await rawHttpServer((socket, { isUpgrade }) =>
    socket.end(isUpgrade ? answerText(status, headers, body) : answerText('200 OK', {}, '<html>hello</html>')),
  );
}

/** The answer that a correct server gives; `changes` replace headers, undefined leaves one out. */
export function upgradeText(
  { headers }: RawRequest,
  changes: Readonly<Record<string, string | undefined>> = {},
): string {
  const key = headers.get('sec-websocket-key') ?? '';
  const accept = createHash('sha1').update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest('base64');
  const all = { Upgrade: 'websocket', Connection: 'Upgrade', 'Sec-WebSocket-Accept': accept, ...changes };
  const lines = Object.entries(all).flatMap(([name, value]) => (value === undefined ? [] : [`${name}: ${value}\r\n`]));
  return `HTTP/1.1 101 Switching Protocols\r\n${lines.join('')}\r\n`;
}

/** A frame of a server: unmasked, unless it is told to be wrong. */
export function frame(opcode: number, payload: string | Buffer, { first = 0x80 | opcode, mask = 0 } = {}): Buffer {
  const bytes = Buffer.from(payload);
  const head =
    bytes.length < 126 ? [first, mask | bytes.length] : [first, mask | 126, bytes.length >> 8, bytes.length & 255];
  return Buffer.concat([Buffer.from(head), bytes]);
}

export function closeFrame(code: number, reason = ''): Buffer {
  return frame(8, Buffer.concat([Buffer.from([code >> 8, code & 255]), Buffer.from(reason)]));
}

/** A correct handshake for whoever asks, and then whatever this does. Plain requests get a 426. */
export async function socketServer(
  talk: (socket: Socket, request: RawRequest) => void,
  changes: Readonly<Record<string, string | undefined>> = {},
): Promise<Listening> {
  return await rawHttpServer((socket, request) => {
    if (!request.isUpgrade) return socket.end(answerText('426 Upgrade Required', { Upgrade: 'websocket' }));
    socket.write(upgradeText(request, changes));
    talk(socket, request);
  });
}

export interface Habits {
  /** Default true. */
  readonly answersClose?: boolean;
}

/** Answers pings, keeps quiet otherwise: what most servers do while nobody speaks. */
export function answerPings(socket: Socket, { answersClose = true }: Habits = {}): void {
  let rest = Buffer.alloc(0);
  socket.on('data', (bytes: Buffer) => {
    rest = Buffer.concat([rest, bytes]);
    for (;;) {
      const length = (rest[1] ?? 0) & 0x7f;
      if (rest.length < 2 || length > 125 || rest.length < 6 + length) return;
      const mask = rest.subarray(2, 6);
      const payload = rest.subarray(6, 6 + length).map((byte, index) => byte ^ (mask[index & 3] as number));
      if (((rest[0] as number) & 0x0f) === 9) socket.write(frame(10, Buffer.from(payload)));
      if (((rest[0] as number) & 0x0f) === 8) socket.end(answersClose ? frame(8, Buffer.from(payload)) : '');
      rest = rest.subarray(6 + length);
    }
  });
}

/** Stands before another port and passes bytes on, as the two functions say. */
export async function relay(
  to: number,
  hooks: {
    readonly toServer?: (bytes: Buffer, pass: (bytes: Buffer) => void, client: Socket) => void;
    readonly toClient?: (bytes: Buffer, pass: (bytes: Buffer) => void, client: Socket) => void;
  },
): Promise<Listening> {
  return await tcpServer((client) => {
    const server = connect({ port: to, host: '127.0.0.1', noDelay: true });
    const end = (): void => {
      client.destroy();
      server.destroy();
    };
    const pass = (socket: Socket) => (bytes: Buffer) => void (socket.writable && socket.write(bytes));
    client.on('data', (bytes: Buffer) => {
      if (hooks.toServer === undefined) server.write(bytes);
      else hooks.toServer(bytes, pass(server), client);
    });
    server.on('data', (bytes: Buffer) => {
      if (hooks.toClient === undefined) client.write(bytes);
      else hooks.toClient(bytes, pass(client), client);
    });
    for (const socket of [client, server]) socket.on('error', end).on('close', end);
  });
}

/** A node:http server that answers plain requests with this. */
export async function pageServer(
  respond: (request: IncomingMessage, response: ServerResponse) => void,
): Promise<Listening> {
  return await listen(createHttpServer(respond));
}

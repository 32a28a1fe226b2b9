// A real HTTP server with the gateway's edge on it and, in place of sessions, one that says who was admitted. For the
// tests of admission and upgrade; every socket and log line is at hand.

import { createServer, type Server } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { WebSocket } from 'ws';
import { type AdmissionPolicy, createAdmissionPolicy, type PolicyOptions } from '../admission/policy.ts';
import { systemClock } from '../clock.ts';
import { defaultGatewayLimits } from '../gateway-limits.ts';
import type { GatewayEvent, GatewayLimits } from '../types.ts';
import { createUpgrade, type Upgrade, type UpgradeOptions } from '../upgrade/upgrade.ts';

/** 32 bytes, as production asks for. */
export const secret = 'a-secret-of-exactly-32-bytes-yes';

export type EdgeOptions = Partial<Omit<PolicyOptions, 'limits'>> & {
  limits?: Partial<GatewayLimits>;
  accept?: UpgradeOptions['accept'];
  compresses?: boolean;
  server?: Server;
};

export interface Edge extends AsyncDisposable {
  readonly port: number;
  readonly server: Server;
  readonly policy: AdmissionPolicy;
  readonly upgrade: Upgrade;
  readonly events: GatewayEvent[];
  /** Every log call, its fields and text as one JSON line. */
  readonly lines: string[];
  /** Writes bytes to a new connection and reads until it ends. */
  raw(bytes: string | Buffer): Promise<string>;
  /** A handshake with these header lines instead of or beside the usual ones (undefined leaves one out). */
  handshake(path: string, headers?: Record<string, string | readonly string[] | undefined>): Promise<string>;
  open(
    path: string,
    options?: { origin?: string; protocols?: string[]; headers?: Record<string, string> },
  ): Promise<Opened>;
}

/** How a `ws` client fared: its first frame, and its end if it was closed or refused. */
export interface Opened {
  readonly ws: WebSocket;
  readonly first: Record<string, unknown> | undefined;
  readonly code: number | undefined;
  readonly reason: string;
  /** The answer, where it was no upgrade. */
  readonly status: number | undefined;
  readonly body: string;
  readonly protocol: string;
}

export async function startEdge(options: EdgeOptions = {}): Promise<Edge> {
  const { limits, accept, compresses = false, server = createServer(), ...rest } = options;
  const lines: string[] = [];
  const events: GatewayEvent[] = [];
  const line =
    (level: string) =>
    (fields: object, text: string): void => {
      lines.push(JSON.stringify({ level, text, ...fields }));
    };
  const policy = createAdmissionPolicy({
    credentials: { secret },
    clock: systemClock,
    log: { debug: line('debug'), info: line('info'), warn: line('warn'), error: line('error') },
    mayRead: () => 'allowed',
    isStopping: () => false,
    ...rest,
    limits: { ...defaultGatewayLimits, ...limits },
  });
  const upgrade = createUpgrade({
    policy,
    compresses,
    onEvent: (event) => events.push(event),
    accept:
      accept ??
      (({ ws, admission }) => {
        const { identity, params, channels } = admission;
        ws.on('error', () => ws.terminate());
        ws.on('message', (text) => ws.send(String(text as Buffer)));
        ws.send(JSON.stringify({ type: 'welcome', identity, params, channels }));
      }),
  });
  upgrade.attach(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const clients = new Set<{ terminate(): void }>();

  const raw = (bytes: string | Buffer): Promise<string> =>
    new Promise((resolve, reject) => {
      const parts: Buffer[] = [];
      const socket = connect(port, '127.0.0.1', () => socket.write(bytes));
      const timer = setTimeout(() => {
        socket.destroy();
        reject(new Error(`no end within 5 s; received ${JSON.stringify(Buffer.concat(parts).toString('latin1'))}`));
      }, 5_000);
      socket.on('data', (part) => {
        parts.push(part);
        // An admitted session stays open: its answer is enough.
        if (/^HTTP\/1.1 101[^]*"welcome"/.test(Buffer.concat(parts).toString('latin1'))) socket.destroy();
      });
      socket.on('error', () => {});
      socket.on('end', () => socket.destroy());
      socket.on('close', () => {
        clearTimeout(timer);
        resolve(Buffer.concat(parts).toString('utf8'));
      });
    });

  return {
    port,
    server,
    policy,
    upgrade,
    events,
    lines,
    raw,
    handshake: (path, headers) => raw(handshakeText(path, headers, port)),
    open: (path, { origin, protocols = [], headers } = {}) =>
      new Promise((resolve) => {
        const ws = new WebSocket(`ws://127.0.0.1:${port}${path}`, protocols, {
          ...(origin === undefined ? {} : { origin }),
          headers: headers ?? {},
        });
        clients.add(ws);
        let first: Record<string, unknown> | undefined;
        let answer = { status: undefined as number | undefined, body: '' };
        const done = (code: number | undefined, reason: string): void =>
          resolve({ ws, first, code, reason, ...answer, protocol: ws.protocol });
        ws.on('message', (data) => {
          first ??= JSON.parse(String(data as Buffer)) as Record<string, unknown>;
          if (first.type === 'welcome') done(undefined, '');
        });
        ws.on('unexpected-response', (_request, response) => {
          response.on('data', (part: Buffer) => (answer = { ...answer, body: answer.body + part.toString() }));
          response.on('end', () => {
            answer = { ...answer, status: response.statusCode };
            done(undefined, '');
          });
        });
        ws.on('error', () => {});
        ws.on('close', (code, reason) => done(code, reason.toString()));
      }),
    async [Symbol.asyncDispose]() {
      for (const client of clients) client.terminate();
      upgrade.stop();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** A handshake as bytes; headers given replace the usual ones, a list sends one line each. */
export function handshakeText(
  path: string,
  headers: Record<string, string | readonly string[] | undefined> = {},
  port = 80,
  { method = 'GET', version = '1.1' }: { method?: string; version?: string } = {},
): string {
  const all: Record<string, string | readonly string[] | undefined> = {
    Host: `127.0.0.1:${port}`,
    Upgrade: 'websocket',
    Connection: 'Upgrade',
    'Sec-WebSocket-Key': 'dGhlIHNhbXBsZSBub25jZQ==',
    'Sec-WebSocket-Version': '13',
    ...headers,
  };
  const lines = Object.entries(all).flatMap(([name, value]) =>
    value === undefined ? [] : [value].flat().map((one) => `${name}: ${one as string}\r\n`),
  );
  return `${method} ${path} HTTP/${version}\r\n${lines.join('')}\r\n`;
}

/** Waits for something to hold; says what was last seen if it does not within the time. */
export async function until(holds: () => boolean, what: () => string, ms = 5_000): Promise<void> {
  const end = performance.now() + ms;
  while (!holds()) {
    if (performance.now() > end) throw new Error(`not within ${ms} ms: ${what()}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

/** A bare connection, for peers that misbehave: it stays half open when the other side ends. */
export function connectTo(port: number): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true }, () => resolve(socket));
    socket.once('error', reject);
  });
}

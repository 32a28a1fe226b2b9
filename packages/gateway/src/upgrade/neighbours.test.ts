// The gateway beside others on one server: the application's requests, other upgrade listeners, Express and Fastify.

import { EventEmitter } from 'node:events';
import { createRequire } from 'node:module';
import { createServer, type IncomingMessage, type RequestListener, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import Fastify from 'fastify';
import { describe, expect, it } from 'vitest';
import { WebSocket, WebSocketServer } from 'ws';
import { handshakeText, startEdge } from '../testing/edge.ts';
import { signToken } from '../testing/tokens.ts';

// Express brings no types of its own.
type Respond = (request: unknown, response: { send(text: string): void }) => void;
type ExpressApp = RequestListener & { get(path: string, respond: Respond): void };
const express = createRequire(import.meta.url)('express') as () => ExpressApp;

const textOf = async (port: number, path: string): Promise<[number, string]> => {
  const response = await fetch(`http://127.0.0.1:${port}${path}`);
  return [response.status, await response.text()];
};

const respond = (_request: IncomingMessage, response: ServerResponse): void => {
  response.end('the application');
};

describe('[END4] requests of the application', () => {
  it.each(['before', 'after'])('reach its listener added %s ours, and ours never', async (when) => {
    const server = createServer();
    if (when === 'before') server.on('request', respond);
    await using edge = await startEdge({ server });
    if (when === 'after') server.on('request', respond);
    for (const path of ['/', '/wsx', '/api/ws', '/w']) {
      expect(await textOf(edge.port, path), path).toEqual([200, 'the application']);
    }
    expect((await textOf(edge.port, '/ws'))[0]).toBe(426);
    expect((await textOf(edge.port, '/ws/nowhere'))[0]).toBe(404);
    edge.upgrade.stop();
    expect(await textOf(edge.port, '/ws'), 'after stop').toEqual([200, 'the application']);
  });

  it('[END5] of Express go on beside ours', async () => {
    const app = express();
    app.get('/hello', (_request, response) => {
      response.send('express');
    });
    await using edge = await startEdge({ server: createServer(app) });
    expect(await textOf(edge.port, '/hello')).toEqual([200, 'express']);
    expect((await textOf(edge.port, '/ws/'))[0]).toBe(426);
    expect((await textOf(edge.port, '/other'))[0]).toBe(404);
    expect((await edge.open('/ws/')).first).toMatchObject({ type: 'welcome', identity: { kind: 'anonymous' } });
  });

  it('[END5] of Fastify go on beside ours', async () => {
    const app = Fastify();
    app.get('/hello', () => 'fastify');
    await app.ready();
    await using edge = await startEdge({ server: app.server });
    expect(await textOf(edge.port, '/hello')).toEqual([200, 'fastify']);
    expect((await textOf(edge.port, '/ws/'))[0]).toBe(426);
    expect((await edge.open('/ws/')).first).toMatchObject({ type: 'welcome' });
  });
});

describe('[END4] other upgrade listeners', () => {
  it('get their paths and only theirs, also one that destroys what it does not know', async () => {
    const server = createServer();
    const others = new WebSocketServer({ server, path: '/hmr' });
    others.on('connection', (ws) => {
      ws.send(JSON.stringify({ type: 'welcome', from: 'hmr' }));
    });
    const seen: string[] = [];
    await using edge = await startEdge({ server });
    server.on('upgrade', (message: IncomingMessage, socket: Duplex) => {
      seen.push(message.url ?? '');
      if (message.url !== '/hmr') socket.destroy();
    });
    expect((await edge.open('/hmr')).first).toMatchObject({ from: 'hmr' });
    expect((await edge.open(`/ws/?token=${await signToken()}`)).first).toMatchObject({ identity: { subject: 'ada' } });
    expect((await edge.open('/ws/nowhere')).status).toBe(404);
    expect(seen).toEqual(['/hmr']);
    others.close();
  });

  it('may be a second gateway', async () => {
    const server = createServer();
    await using one = await startEdge({ server, prefix: '/ws' });
    await using two = await startEdge({ server: createServer(), prefix: '/live' });
    two.upgrade.attach(server);
    expect((await one.open('/ws/')).first).toMatchObject({ type: 'welcome' });
    expect((await one.open('/live/')).first).toMatchObject({ type: 'welcome' });
    expect((await one.open('/elsewhere')).status).toBe(404);
    expect(two.events.filter(({ type }) => type === 'attempt')).toHaveLength(1);
  });

  it.each([
    ['an app that is no server', Object.assign(new EventEmitter(), { listen: () => {} })],
    ['nothing', undefined],
  ])('attached to %s, the gateway says what it needs', async (_case, wrong) => {
    await using edge = await startEdge();
    expect(() => edge.upgrade.attach(wrong as unknown as Server)).toThrow(/found no server of node:http.*createServer/);
  });

  it('[END5] a handshake without its Upgrade is a line in the log, a plain request is none', async () => {
    await using edge = await startEdge();
    expect((await textOf(edge.port, '/ws/'))[0]).toBe(426);
    expect(edge.lines).toEqual([]);
    const eaten = await edge.handshake('/ws/?token=canary', { Upgrade: undefined, Connection: 'close' });
    expect(eaten).toMatch(/^HTTP\/1\.1 426/);
    expect(edge.lines).toHaveLength(1);
    expect(edge.lines[0]).toMatch(/refused 4400 upgrade-missing.*a proxy between removes Upgrade and Connection/);
  });

  it('missing, a foreign path is an attempt that is refused in words, instead of left hanging', async () => {
    await using edge = await startEdge();
    expect(await edge.raw(handshakeText('/elsewhere'))).toMatch(
      /^HTTP\/1\.1 404[^]*Connection: close[^]*expected one of \/ws\//,
    );
    const told = { type: 'refused', attempt: { path: '/elsewhere' }, refusal: { code: 4404, name: 'path-unknown' } };
    expect(edge.events).toMatchObject([{ type: 'attempt' }, { ...told, told: 'http' }]);
    expect(edge.lines).toEqual([expect.stringMatching(/refused 4404 path-unknown/)]);
    const page = { Origin: 'http://localhost:5173' };
    expect(await edge.raw(handshakeText('/elsewhere', page))).toMatch(/^HTTP\/1\.1 101[^]*"path-unknown"/);
  });

  it('missing because the gateway stopped, node:http treats upgrades as requests again', async () => {
    const server = createServer(respond);
    await using edge = await startEdge({ server });
    edge.upgrade.stop();
    const { port } = server.address() as AddressInfo;
    const status = await new Promise((resolve) => {
      const ws = new WebSocket(`ws://127.0.0.1:${port}/ws/`);
      ws.on('unexpected-response', (_request, response) => resolve(response.statusCode));
      ws.on('error', () => {});
    });
    expect(status).toBe(200);
    expect(edge.server.listenerCount('upgrade')).toBe(0);
  });
});

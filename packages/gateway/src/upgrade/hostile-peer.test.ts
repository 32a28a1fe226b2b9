// Peers that reset, stall or send garbage at any point, hooks that hang or throw: the process lives and serves the next.

import { describe, expect, it } from 'vitest';
import type { Verified } from '../types.ts';
import { connectTo, type Edge, handshakeText, startEdge, until } from '../testing/edge.ts';
import { signToken } from '../testing/tokens.ts';

const page = 'https://ops.example.com';
const production = { mode: 'production', allowedOrigins: [page] } as const;

const connections = (edge: Edge): Promise<number> =>
  new Promise((resolve) => {
    edge.server.getConnections((_error, count) => resolve(count));
  });

async function untilNobodyIsConnected(edge: Edge): Promise<void> {
  let count = -1;
  const end = performance.now() + 5_000;
  while ((count = await connections(edge)) > 0) {
    if (performance.now() > end) throw new Error(`still ${count} connections after 5 s`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

describe('[ADM3] a peer', () => {
  it('that resets while its credential is checked leaves nothing behind', async () => {
    const waiting: (() => void)[] = [];
    const verify = (): Promise<Verified> =>
      new Promise((resolve, reject) => {
        const ada: Verified = { kind: 'identity', issuer: 'app', subject: 'ada' };
        waiting.push(waiting.length % 2 === 0 ? () => resolve(ada) : () => reject(new Error('late')));
      });
    await using edge = await startEdge({ ...production, credentials: { verify } });
    const sockets = await Promise.all(Array.from({ length: 100 }, () => connectTo(edge.port)));
    for (const socket of sockets) socket.write(handshakeText('/ws/?token=abcdef'));
    await until(
      () => waiting.length === 100,
      () => `${waiting.length} of 100 are being checked`,
    );
    for (const socket of sockets) socket.resetAndDestroy();
    await untilNobodyIsConnected(edge);
    for (const finish of waiting) finish();
    await until(
      () => edge.policy.rates.sessions === 0,
      () => `${edge.policy.rates.sessions} places still held`,
    );
    expect(edge.events.filter(({ type }) => type === 'attempt')).toHaveLength(100);
  });

  it.each([
    ['right after the request', 0],
    ['in the middle of the request', 40],
    ['after one byte', 1],
  ])('that resets %s is survived', async (_when, cut) => {
    await using edge = await startEdge(production);
    for (let index = 0; index < 20; index += 1) {
      const socket = await connectTo(edge.port);
      const text = handshakeText(`/ws/?token=${index % 2 === 0 ? await signToken() : 'garbage'}`, { Origin: page });
      socket.write(cut === 0 ? text : text.slice(0, cut));
      await new Promise((resolve) => setImmediate(resolve));
      socket.resetAndDestroy();
    }
    await untilNobodyIsConnected(edge);
    expect(await edge.open(`/ws/?token=${await signToken()}`)).toMatchObject({ first: { type: 'welcome' } });
  });

  it('that sends garbage instead of frames, or nothing, is survived', async () => {
    await using edge = await startEdge(production);
    const answers = await Promise.all(
      ['\x16\x03\x01\x02\x00', '\0'.repeat(1_000), 'GET / SPDY/9\r\n\r\n', `${handshakeText('/ws/')}\xff\xff\xff`].map(
        (bytes) => edge.raw(Buffer.from(bytes, 'latin1')),
      ),
    );
    for (const answer of answers) expect(answer).toMatch(/^HTTP\/1\.1 4\d\d/);
    expect(await edge.open(`/ws/?token=${await signToken()}`)).toMatchObject({ first: { type: 'welcome' } });
  });

  it('[REF2] refused over a socket is never read and gone two seconds later, though it stays silent', async () => {
    await using edge = await startEdge(production);
    const socket = await connectTo(edge.port);
    socket.on('error', () => {});
    socket.write(handshakeText('/ws/', { Origin: page }));
    const parts: Buffer[] = [];
    socket.on('data', (part) => parts.push(part));
    await until(
      () => Buffer.concat(parts).includes('token-missing'),
      () => `received ${Buffer.concat(parts).toString('latin1')}`,
    );
    const from = performance.now();
    socket.write(Buffer.alloc(256 * 1024));
    await untilNobodyIsConnected(edge);
    const took = performance.now() - from;
    expect(took).toBeGreaterThan(1_500);
    expect(took).toBeLessThan(3_000);
  });
});

describe('the deadline', () => {
  it('[ADM11] [ADM7] refuses 4503 what could not be decided in time, and frees its place when the answer comes', async () => {
    let answer: ((value: { kind: 'identity'; issuer: string; subject: string }) => void) | undefined;
    const verify = (): Promise<{ kind: 'identity'; issuer: string; subject: string }> =>
      new Promise((resolve) => {
        answer = resolve;
      });
    await using edge = await startEdge({ ...production, credentials: { verify }, limits: { admissionMs: 50 } });
    const opened = await edge.open('/ws/?token=abcdef', { origin: page });
    expect(opened).toMatchObject({ code: 4503, first: { name: 'deadline-passed', retry: true } });
    expect(opened.first?.retryAfterMs).toBeGreaterThan(0);
    expect(edge.policy.rates.sessions).toBe(1);
    answer?.({ kind: 'identity', issuer: 'app', subject: 'ada' });
    await until(
      () => edge.policy.rates.sessions === 0,
      () => `${edge.policy.rates.sessions} places still held`,
    );
  });
});

describe('an exception in the application', () => {
  const token = 'an-opaque-token-of-the-app';
  const boom = (): never => {
    throw new Error(`boom about ${token}`);
  };
  const endpoint = { path: '', title: 'Dashboard' };

  it.each([
    ['verify', { credentials: { verify: boom } }, 4503, 'credential-unchecked'],
    ['allows', { endpoints: [{ ...endpoint, allows: boom }] }, 4000, 'admission-failed'],
    ['channels', { endpoints: [{ ...endpoint, channels: boom }] }, 4000, 'admission-failed'],
    [
      'the rule of a channel',
      { endpoints: [{ ...endpoint, channels: () => ['a'] }], mayRead: boom },
      4000,
      'admission-failed',
    ],
  ] as const)('[SES6] in %s is logged once with its trace and refused', async (_where, options, code, name) => {
    const verify = (): { kind: 'identity'; issuer: string; subject: string } => ({
      kind: 'identity',
      issuer: 'app',
      subject: 'ada',
    });
    await using edge = await startEdge({ ...production, credentials: { verify }, ...options });
    const opened = await edge.open(`/ws/?token=${token}`, { origin: page });
    expect(opened).toMatchObject({ code, first: { name } });
    const errors = edge.lines.filter((line) => line.includes('"level":"error"'));
    expect(errors).toHaveLength(1);
    expect(errors[0]).toMatch(/boom about .*hostile-peer\.test/);
    expect(JSON.stringify(opened.first)).not.toContain('boom');
    expect(edge.policy.rates.sessions).toBe(0);
  });

  it('in onEvent changes nothing, and in the beginning of a session closes 4000', async () => {
    await using edge = await startEdge({ ...production, accept: boom });
    edge.events.push = boom;
    const opened = await edge.open(`/ws/?token=${await signToken()}`, { origin: page });
    expect(opened).toMatchObject({ code: 4000, reason: expect.stringMatching(/^server-error: .{10,}/) as string });
    expect(edge.lines.filter((line) => line.includes('a session could not begin'))).toHaveLength(1);
    await until(
      () => edge.policy.rates.sessions === 0,
      () => `${edge.policy.rates.sessions} places still held`,
    );
  });
});

// The flight recorder of a real hub, from outside: what it remembers of attempts outlives a kill with -9, what it logs can
// be found by an attempt's id in the words of the page, and a flood of refusals costs others next to nothing.

import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { openStorageHere } from '@telltale/hub';
import { expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { isLongRun } from '../packages/gateway/src/testing/random.ts';
import { type HubProcess, startHubProcess } from './support/hub-process.ts';
import { openPlainSocket, type PlainSocket } from './support/plain-socket.ts';
import { until } from './support/until.ts';

/** Below `leastMs` a ratio says something of the machine only; a small count on a busy one, that nothing stood still. */
const flood = isLongRun ? { perSecond: 1_000, seconds: 5, leastMs: 10 } : { perSecond: 300, seconds: 2, leastMs: 100 };

interface Attempted {
  readonly attempt: string;
  readonly line: PlainSocket;
}

let attempts = 0;

/** An attempt with an id of its own. */
function attempt(hub: HubProcess, path: string, headers: Record<string, string> = {}): Attempted {
  const id = `attempt-${String(++attempts).padStart(14, '0')}`;
  return { attempt: id, line: openPlainSocket(hub.socketUrl(`${path}?attempt=${id}`), headers) };
}

async function recordOf(hub: HubProcess, id: string, token: string): Promise<Record<string, unknown>> {
  const response = await fetch(`${hub.url}/api/attempts/${id}`, { headers: { authorization: `Bearer ${token}` } });
  return (await response.json()) as Record<string, unknown>;
}

/** The hub's log lines that hold an attempt's id, as texts. */
function linesAbout(hub: HubProcess, id: string): readonly string[] {
  const lines = hub.output().split('\n');
  return lines.filter((line) => line.includes(id)).map((line) => (JSON.parse(line) as { msg: string }).msg);
}

it('[REC1] [REC2] [REF9] what became of attempts is there after a kill with -9, and in the log by the id', async () => {
  await using hub = await startHubProcess({ mode: 'production' });
  const operator = await hub.token('olga', '--scope', 'operator');
  const viewer = { authorization: `Bearer ${await hub.token('vera')}` };
  const refused = attempt(hub, '/ws/dashboard/', { origin: 'https://evil.example' });
  const ended = attempt(hub, '/ws/dashboard/', viewer);
  const open = attempt(hub, '/ws/', viewer);
  await refused.line.end();
  const { session } = await ended.line.frame('welcome');
  await open.line.frame('welcome');
  const reason = 'the wall screen moves';
  await fetch(`${hub.url}/api/sessions/end`, {
    method: 'POST',
    headers: { authorization: `Bearer ${operator}`, 'content-type': 'application/json' },
    body: JSON.stringify({ session, reason }),
  });
  expect(await ended.line.end()).toMatchObject({ code: 4410, reason: expect.stringContaining(reason) as string });

  expect(linesAbout(hub, refused.attempt)).toEqual([
    expect.stringMatching(
      /^\[Dashboard\] Connection attempt from user unknown: refused 4403 origin-not-allowed: pages of/,
    ),
  ]);
  expect(linesAbout(hub, ended.attempt)).toEqual([
    '[Dashboard] Connection attempt from user vera: admitted',
    `[Dashboard] Session of user vera ended 4410 ended-by-operator by the gateway: An operator ended this session: ${reason}`,
    'A session was ended by olga',
  ]);
  expect(linesAbout(hub, open.attempt)).toEqual(['[Live] Connection attempt from user vera: admitted']);

  const ids = [refused.attempt, ended.attempt, open.attempt];
  const beside = await openStorageHere(hub.dataDir);
  await until(
    'the records on the disk',
    async () => await Promise.all(ids.map(async (id) => (await beside.attempt(id)) ?? '')),
    (texts) => texts.every((text) => /"(refusal|session)":\{/.test(text)),
  );
  await until(
    'the end on the disk',
    async () => (await beside.attempt(ended.attempt)) ?? '',
    (text) => text.includes(reason),
  );
  await beside.close();
  const before = await Promise.all(ids.map((id) => recordOf(hub, id, operator)));
  await hub.kill9();
  await hub.restart();

  const [refusedAfter, endedAfter, openAfter] = await Promise.all(ids.map((id) => recordOf(hub, id, operator)));
  expect(refusedAfter).toEqual(before[0]);
  expect(refusedAfter).toMatchObject({ refusal: { name: 'origin-not-allowed', count: 1 }, told: 'frame' });
  expect(endedAfter?.['ending']).toEqual(before[1]?.['ending']);
  expect(openAfter).toMatchObject({ ending: { code: 1006, by: 'gateway', wasClean: false } });
  const asked = await fetch(`${hub.url}/ws/attempts/${ended.attempt}`, { headers: { origin: hub.url } });
  expect(await asked.json()).toMatchObject({ state: 'admitted', ended: { code: 4410, name: 'ended-by-operator' } });
  const foreign = await fetch(`${hub.url}/ws/attempts/${ended.attempt}`, {
    headers: { origin: 'https://evil.example' },
  });
  expect(await foreign.json()).toEqual({ state: 'admitted' });
});

/** Viewers that ask the hub something ten times a second each, and how long the answers take. */
async function viewersOf(
  hub: HubProcess,
  count: number,
): Promise<{ measure(): () => number[]; [Symbol.dispose](): void }> {
  const authorization = `Bearer ${await hub.token('vera')}`;
  const took: number[] = [];
  const sockets = Array.from({ length: count }, () => {
    const socket = new WebSocket(hub.socketUrl('/ws/dashboard/'), { headers: { authorization } });
    socket.on('message', (message) => {
      const frame = JSON.parse(String(message)) as { type: string; at: number };
      if (frame.type === 'pong') took.push(performance.now() - frame.at);
    });
    return socket;
  });
  await until(
    'the viewers',
    () => sockets.filter(({ readyState }) => readyState === WebSocket.OPEN).length,
    (open) => open === count,
  );
  return {
    measure() {
      took.length = 0;
      const timers = sockets.map((socket) =>
        setInterval(() => socket.send(JSON.stringify({ type: 'ping', at: performance.now() })), 100),
      );
      return () => {
        for (const timer of timers) clearInterval(timer);
        return took.splice(0);
      };
    },
    [Symbol.dispose]() {
      for (const socket of sockets) socket.terminate();
    },
  };
}

function p99(values: readonly number[]): number {
  return values.toSorted((one, other) => one - other)[Math.floor(values.length * 0.99)] ?? NaN;
}

interface Flooded {
  readonly answers: Readonly<Record<string, number>>;
  readonly ms: number;
}

interface Flood {
  /** Lets it come; resolves when every attempt has been answered. */
  go(): Promise<Flooded>;
}

/** A process that waits to make a flood, so that its own start is no part of what is measured. */
async function floodOf(hub: HubProcess): Promise<Flood> {
  const program = fileURLToPath(new URL('refusal-flood.child.mjs', import.meta.url));
  const words = [program, hub.port, flood.perSecond, flood.seconds, 'https://evil.example'].map(String);
  const child = spawn(process.execPath, words, { stdio: ['pipe', 'pipe', 'inherit'] });
  let output = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (output += text));
  const closed = new Promise((resolve) => child.once('close', resolve));
  await until(
    'the process that makes the flood',
    () => output,
    (text) => text.includes('ready'),
  );
  return {
    async go() {
      child.stdin.write('go\n');
      await closed;
      return JSON.parse(output.split('\n')[1] ?? '') as Flooded;
    },
  };
}

it(`[REC3] ${flood.perSecond} refusals a second for ${flood.seconds} s cost others little, and a row and a few lines`, async () => {
  await using hub = await startHubProcess({ mode: 'production' });
  const operator = openPlainSocket(hub.socketUrl('/ws/'), {
    authorization: `Bearer ${await hub.token('olga', '--scope', 'operator')}`,
  });
  await operator.frame('welcome');
  for (const [id, channel] of ['refusals', 'attempts'].entries()) operator.send({ type: 'subscribe', id, channel });
  using viewers = await viewersOf(hub, 20);
  const rest = async (): Promise<number> => {
    const stop = viewers.measure();
    await new Promise((resolve) => setTimeout(resolve, 1_500));
    return p99(stop());
  };

  const { go } = await floodOf(hub);
  const before = await rest();
  const stop = viewers.measure();
  const { answers, ms } = await go();
  const during = p99(stop());
  const after = await rest();
  // Of two noisy cores the worse of both rests is what a quiet hub is like.
  const quiet = Math.max(before, after, flood.leastMs);
  expect(
    during,
    `p99 ${before.toFixed(1)} before, ${during.toFixed(1)} during, ${after.toFixed(1)} after, in ms`,
  ).toBeLessThan(2 * quiet);

  const total = flood.perSecond * flood.seconds;
  const answered = Object.values(answers).reduce((sum, count) => sum + count, 0);
  expect(answered, JSON.stringify(answers)).toBe(total);
  const isLast = (message: { data: unknown }): boolean => (message.data as { count?: number } | null)?.count === total;
  await operator.frame('messages', ({ channel, messages }) => channel === 'refusals' && messages.some(isLast));
  const rows = operator.frames.flatMap((frame) =>
    frame.type === 'messages' && frame.channel === 'refusals' ? frame.messages : [],
  );
  expect(new Set(rows.map(({ key }) => key)).size, 'all of them are one row').toBe(1);
  expect(rows.length, 'told once a second at the most').toBeLessThanOrEqual(Math.ceil(ms / 1_000) + 3);
  const counted = operator.frames.flatMap((frame) =>
    frame.type === 'messages' && frame.channel === 'attempts'
      ? frame.messages.map(
          ({ data }) => (data as { refused: Record<string, number> }).refused['origin-not-allowed'] ?? 0,
        )
      : [],
  );
  expect(
    counted.reduce((sum, count) => sum + count, 0),
    'and none is missing in the rates',
  ).toBe(total);

  const beside = await openStorageHere(hub.dataDir);
  await until(
    'the row on the disk',
    async () => (await beside.attemptFacts(100)).refusals.map((row) => (JSON.parse(row) as { count: number }).count),
    (counts) => counts.length === 1 && counts[0] === total,
  );
  const { records } = await beside.attemptFacts(100_000);
  await beside.close();
  expect(records.filter((record) => record.includes('origin-not-allowed')).length).toBeLessThanOrEqual(5);

  const linesOf = (): readonly string[] => hub.output().match(/.*refused 4403 origin-not-allowed.*/g) ?? [];
  const told = await until('the count in the log', linesOf, (lines) =>
    lines.some((line) => line.includes('more connection attempts')),
  );
  const sum = told.reduce(
    (count, line) => count + (line.includes('more connection') ? Number(/"count":(\d+)/.exec(line)?.[1]) : 1),
    0,
  );
  expect(sum, 'every one is a line or counted in one').toBe(total);
  expect(told.length).toBeLessThan(40);
});

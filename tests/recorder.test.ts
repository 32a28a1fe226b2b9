// The flight recorder of a real hub, from outside: what it remembers of attempts outlives a kill with -9, what it logs can
// be found by an attempt's id in the words of the page.

import { openStorageHere } from '@telltale/hub';
import { expect, it } from 'vitest';
import { type HubProcess, startHubProcess } from './support/hub-process.ts';
import { openPlainSocket, type PlainSocket } from './support/plain-socket.ts';
import { until } from './support/until.ts';

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
      /^\[Dashboard\] Connection attempt from user unknown: refused 4403 origin-not-allowed \(origin not allowed\): pages of/,
    ),
  ]);
  expect(linesAbout(hub, ended.attempt)).toEqual([
    '[Dashboard] Connection attempt from user vera: admitted',
    `[Dashboard] Session of user vera ended 4410 ended-by-operator by the gateway (ended by an operator): An operator ended this session: ${reason}`,
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

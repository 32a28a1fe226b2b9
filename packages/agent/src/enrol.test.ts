import { readFileSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { enrol, type EnrolOutcome } from './enrol.ts';
import { savePlace } from './place.ts';
import { temporaryDirectory } from './testing/directory.ts';

interface Asked {
  readonly path: string;
  readonly body: Record<string, unknown>;
}
type Answer = { readonly status: number; readonly body: string };

const json = (status: number, body: object): Answer => ({ status, body: JSON.stringify(body) });

/** Where a hub would be; answers as it is told. */
async function server(answer: (asked: Asked) => Answer): Promise<{ hub: string; asked: Asked[] }> {
  const asked: Asked[] = [];
  const listener = createServer((request: IncomingMessage, response: ServerResponse) => {
    let text = '';
    request.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
    request.on('end', () => {
      const question = { path: request.url ?? '', body: JSON.parse(text) as Asked['body'] };
      asked.push(question);
      const { status, body } = answer(question);
      response.writeHead(status, { 'Content-Type': 'application/json' }).end(body);
    });
  });
  await new Promise<void>((resolve) => listener.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void listener.close());
  return { hub: `http://127.0.0.1:${(listener.address() as AddressInfo).port}`, asked };
}
const token = `ten_${'t'.repeat(43)}`;
const env = { TELLTALE_MACHINE_ID: 'machine-1' };
const good = (): Answer => json(200, { agent: 'web-1', credential: 'secret' });

describe('enrolling', () => {
  it('exchanges the token for a credential, once', async () => {
    const { hub, asked } = await server(good);
    const directory = temporaryDirectory();
    const outcome = await enrol({ hub: `${hub}/`, token, name: 'web-1', directory, env });
    expect(outcome).toMatchObject({ kind: 'enrolled', place: { hub, agent: 'web-1', credential: 'secret' } });
    expect(asked).toEqual([
      {
        path: '/api/enrol',
        body: { token, name: 'web-1', machine: expect.any(String) as string, title: expect.any(String) as string },
      },
    ]);
    const file = readFileSync(join(directory, 'web-1', 'credential.json'), 'utf8');
    expect(file).not.toContain(token);
    // Started again with the same words, it goes on with what it has.
    expect(await enrol({ hub, token, directory, env })).toMatchObject({ kind: 'enrolled-before' });
    expect(asked).toHaveLength(1);
    // A new token is a new decision.
    expect(await enrol({ hub, token: `ten_${'u'.repeat(43)}`, directory, env })).toMatchObject({ kind: 'enrolled' });
    expect(asked).toHaveLength(2);
  });

  it.each<[string, Answer, EnrolOutcome]>([
    [
      'a hub that says no',
      json(401, { error: { code: 4401, name: 'enrolment-used', message: 'It was used already.', hint: 'Ask again.' } }),
      { kind: 'refused', message: 'It was used already.', hint: 'Ask again.' },
    ],
    [
      'something that is no hub',
      { status: 404, body: '<h1>Not found</h1>' },
      { kind: 'unreachable', reason: 'what answers there (HTTP 404) is not a hub that takes agents' },
    ],
    [
      'an answer that would lead out of the directory',
      json(200, { agent: '../../etc', credential: 'secret' }),
      { kind: 'unreachable', reason: 'what answers there (HTTP 200) is not a hub that takes agents' },
    ],
  ])('keeps nothing of %s', async (_who, answer, expected) => {
    const { hub } = await server(() => answer);
    const directory = temporaryDirectory();
    expect(await enrol({ hub, token, directory, env })).toEqual(expected);
  });

  it('says where nothing answers, and gives up on an answer without an end', async () => {
    const directory = temporaryDirectory();
    const gone = await enrol({ hub: 'http://127.0.0.1:1', token, directory, env });
    expect(gone).toEqual({ kind: 'unreachable', reason: 'no hub answers at http://127.0.0.1:1 (ECONNREFUSED)' });
    const { hub } = await server(() => ({ status: 200, body: 'x'.repeat(1_000_000) }));
    expect(await enrol({ hub, token, directory, env })).toMatchObject({ kind: 'unreachable' });
  });

  it('spends no token where its fruit could not be kept', async () => {
    const { hub, asked } = await server(good);
    const blocked = join(temporaryDirectory(), 'file');
    writeFileSync(blocked, '');
    expect(await enrol({ hub, token, directory: join(blocked, 'agents'), env })).toMatchObject({ kind: 'unusable' });
    const directory = temporaryDirectory();
    savePlace({ hub: 'https://other.example.com', agent: 'web-1', credential: 'c', machine: 'm' }, directory);
    expect(await enrol({ hub, token, name: 'web-1', directory, env })).toMatchObject({
      kind: 'unusable',
      reason: expect.stringContaining('other.example.com') as string,
    });
    expect(await enrol({ hub: 'ops.example.com', token, directory, env })).toMatchObject({ kind: 'unusable' });
    expect(asked).toEqual([]);
  });
});

// A client that knows nothing of ours: `ws`, wscat by the very lines that README.md and docs/chat.md show, and the programs in
// examples/python. One URL with a token, one JSON object per message.

import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { SignJWT } from 'jose';
import type { MessagesFrame, ServerFrame, WelcomeFrame } from '@telltale/protocol';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { hasTool, toolPath } from '../scripts/tools.mjs';
import { cleanEnvironment, root, startHubProcess, testSecret, type HubProcess } from './support/hub-process.ts';
import { promised } from './support/pace.ts';
import { openPlainSocket } from './support/plain-socket.ts';
import { commandsOf, fillIn, readSnippets } from './support/snippets.ts';
import { until } from './support/until.ts';

let hub: HubProcess;
beforeAll(async () => {
  hub = await startHubProcess({ mode: 'production' });
});
afterAll(async () => {
  await hub[Symbol.asyncDispose]();
});

/** A token as another backend mints it: any JWT library, the shared secret. */
function mint(subject: string): Promise<string> {
  return new SignJWT({})
    .setProtectedHeader({ alg: 'HS256' })
    .setIssuer('telltale')
    .setAudience('telltale')
    .setSubject(subject)
    .setExpirationTime('5m')
    .sign(new TextEncoder().encode(testSecret));
}

const dataOf = (frames: readonly ServerFrame[], channel: string): readonly unknown[] =>
  frames
    .filter((frame): frame is MessagesFrame => frame.type === 'messages' && frame.channel === channel)
    .flatMap(({ messages }) => messages.map(({ data }) => data));

describe('a plain WebSocket client with ?token=', () => {
  it('[END2] [SES1] [SUB1] reads welcome, then subscribed and current data of this machine within 2 s', async () => {
    const url = hub.socketUrl(`/ws/dashboard/?token=${await hub.token('laptop')}`);
    const begun = Date.now();
    using socket = openPlainSocket(url);
    const isCurrent = (frame: MessagesFrame): boolean =>
      frame.channel === 'metrics/local' && frame.messages.some(({ time }) => time > begun - 11_000);
    await socket.frame('messages', isCurrent, promised(2000));
    expect(Date.now() - begun).toBeLessThan(promised(2000));

    for (const text of socket.texts) expect(text).toMatch(/^\{"type":"\w+"/);
    expect(socket.frames[0]).toMatchObject({
      type: 'welcome',
      protocol: 1,
      mode: 'production',
      identity: { subject: 'laptop', kind: 'user', scope: 'viewer' },
      channels: ['agents', 'metrics/local', 'processes/local', 'vitals', 'runs'],
    });
    const order = socket.frames.map((frame) => `${frame.type} ${'channel' in frame ? frame.channel : ''}`);
    expect(order.indexOf('subscribed metrics/local')).toBeGreaterThan(0);
    expect(order.indexOf('messages metrics/local')).toBeGreaterThan(order.indexOf('subscribed metrics/local'));
    const [sample] = dataOf(socket.frames, 'metrics/local') as { cpu: { total: number }; memory: { total: number } }[];
    expect(sample?.cpu.total).toBeGreaterThanOrEqual(0);
    expect(sample?.memory.total).toBeGreaterThan(10_000_000);
    await until(
      'a row of this machine',
      () => dataOf(socket.frames, 'agents'),
      (rows) => rows.length > 0,
    );
    expect(dataOf(socket.frames, 'agents')[0]).toMatchObject({ agent: 'local', state: 'live' });
  });

  it('[END1] is welcome on all four endpoints, with the trailing slash and without, in the query and in a header', async () => {
    const token = await mint('another-backend');
    const channels: Readonly<Record<string, readonly string[]>> = {
      '/ws': [],
      '/ws/dashboard': ['agents', 'metrics/local', 'processes/local', 'vitals', 'runs'],
      '/ws/chat/general': ['chat/general', 'presence/general'],
      '/ws/agents/local': ['agents/local', 'metrics/local', 'processes/local'],
    };
    for (const [path, expected] of Object.entries(channels)) {
      const ways: [string, Record<string, string>][] = [
        [`${path}/?token=${token}`, {}],
        [`${path}?token=${token}`, {}],
        [`${path}/`, { authorization: `Bearer ${token}` }],
      ];
      for (const [target, headers] of ways) {
        using socket = openPlainSocket(hub.socketUrl(target), headers);
        const welcome: WelcomeFrame = await socket.frame('welcome');
        expect(welcome.channels).toEqual(expected);
        expect(welcome.identity.subject).toBe('another-backend');
        for (const channel of expected) await socket.frame('messages', (frame) => frame.channel === channel);
      }
    }
  });

  it('[END3] [REF3] reads why as JSON where the endpoint, the room or the machine does not exist', async () => {
    const token = await mint('laptop');
    for (const path of ['/ws/nowhere/', '/ws/chat/no-such-room/', '/ws/agents/no-such-machine/']) {
      using socket = openPlainSocket(hub.socketUrl(`${path}?token=${token}`));
      const { reason } = await socket.end();
      expect(reason).toMatch(/^HTTP 404 /);
      expect(reason).toMatch(/"reason":"[^"]{10,}.*"hint":"[^"]{10,}/);
      expect(reason).not.toContain(token);
    }
  });

  it('[PUB1] [PUB2] takes a chat message by frame and delivers it to all, and nonsense to nobody', async () => {
    const url = hub.socketUrl('/ws/chat/general/');
    using writer = openPlainSocket(`${url}?token=${await mint('jonas')}`);
    using reader = openPlainSocket(`${url}?token=${await mint('mara')}`);
    await Promise.all([writer.frame('subscribed'), reader.frame('subscribed')]);
    writer.send({
      type: 'publish',
      id: 1,
      channel: 'chat/general',
      data: { text: 'by frame' },
      from: { subject: 'x' },
    });
    const result = await writer.frame('result', ({ id }) => id === 1);
    expect(result.data).toMatchObject({ channel: 'chat/general', position: { offset: expect.any(Number) as number } });
    for (const socket of [writer, reader]) {
      const frame = await socket.frame(
        'messages',
        ({ channel, messages }) => channel === 'chat/general' && messages.length > 0,
      );
      expect(frame.messages.at(-1)).toMatchObject({ data: { text: 'by frame' }, from: { subject: 'jonas' } });
    }
    writer.send({ type: 'publish', id: 2, channel: 'chat/general', data: { words: 'no text' } });
    expect(await writer.frame('error', ({ id }) => id === 2)).toMatchObject({ code: 4400, retryable: false });
    writer.send({ type: 'publish', id: 3, channel: 'metrics/local', data: {} });
    expect(await writer.frame('error', ({ id }) => id === 3)).toMatchObject({ code: 4403 });
  });

  it('[ONC1] publishes by HTTP, once however often it is sent', async () => {
    using reader = openPlainSocket(hub.socketUrl(`/ws/chat/general/?token=${await mint('mara')}`));
    await reader.frame('subscribed');
    const post = async (body: object, token: string): Promise<{ status: number; answer: unknown }> => {
      const response = await fetch(`${hub.url}/api/publish`, {
        method: 'POST',
        headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
        body: JSON.stringify(body),
      });
      return { status: response.status, answer: await response.json() };
    };
    const token = await mint('build-server');
    const once = { producer: 'b'.repeat(22), seq: 1 };
    const message = { channel: 'chat/general', data: { text: 'by HTTP, once' }, once };
    const first = await post(message, token);
    expect(first).toMatchObject({ status: 200, answer: { duplicate: false } });
    expect(await post(message, token)).toMatchObject({
      status: 200,
      answer: { ...(first.answer as object), duplicate: true },
    });
    expect(await post({ channel: 'chat/general', data: { text: '' } }, token)).toMatchObject({ status: 400 });
    expect(await post({ channel: 'chat/general', data: { text: 'the last' } }, token)).toMatchObject({ status: 200 });
    const texts = await until(
      'the message after it',
      () => (dataOf(reader.frames, 'chat/general') as { text: string }[]).map(({ text }) => text),
      (all) => all.includes('the last'),
    );
    expect(texts.filter((text) => text === 'by HTTP, once')).toHaveLength(1);
  });
});

describe('wscat', () => {
  interface Wscat extends AsyncDisposable {
    /** Waits until it has printed all of these, and answers all it printed. */
    prints(...words: readonly string[]): Promise<string>;
    type(line: string): void;
    /** Ends it as Ctrl-D does. */
    leave(): Promise<void>;
  }

  /** Runs the only line of a document that begins with `npx wscat`, on the hub of this test. */
  function startWscat(document: string): Wscat {
    const lines = readSnippets(document).filter(({ language }) => language === 'sh');
    const [line = ''] = lines.flatMap(commandsOf).filter((command) => command.startsWith('npx wscat '));
    const command = fillIn(line, { 'localhost:8000': `localhost:${hub.port}` });
    // A group of its own: what npx starts ends with it.
    const child = spawn('sh', ['-c', command], {
      cwd: root,
      env: cleanEnvironment({ TELLTALE_SECRET: testSecret }),
      detached: true,
    });
    let printed = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => (printed += text));
    child.stderr.setEncoding('utf8').on('data', (text: string) => (printed += text));
    let hasEnded = false;
    const ended = new Promise<void>((resolve) => {
      child.once('close', () => {
        hasEnded = true;
        resolve();
      });
    });
    return {
      prints: (...words) =>
        until(
          `wscat to print ${words.join(', ')}`,
          () => printed,
          (all) => words.every((word) => all.includes(word)),
          30_000,
        ),
      type: (text) => void child.stdin.write(`${text}\n`),
      async leave() {
        child.stdin.end();
        await ended;
      },
      async [Symbol.asyncDispose]() {
        if (!hasEnded && child.pid !== undefined) process.kill(-child.pid, 'SIGKILL');
        await ended;
      },
    };
  }

  it('[END2] [PUB1] [PUB2] reads a room and writes there, and others read it, as docs/chat.md shows it', async () => {
    using reader = openPlainSocket(hub.socketUrl(`/ws/chat/general/?token=${await mint('mara')}`));
    await reader.frame('subscribed');
    const say = async (id: number, text: string): Promise<void> => {
      reader.send({ type: 'publish', id, channel: 'chat/general', data: { text } });
      await reader.frame('result', (frame) => frame.id === id);
    };
    await say(1, 'before wscat came');
    await using wscat = startWscat('docs/chat.md');
    await wscat.prints('"type":"welcome"', '"subject":"ada"', 'before wscat came', '"channel":"presence/general"');

    const [frame, answer] = readSnippets('docs/chat.md').filter(({ language }) => language === 'json');
    wscat.type(frame?.code.trim() ?? '');
    const found = await reader.frame('messages', ({ messages }) =>
      messages.some(({ from }) => from?.subject === 'ada'),
    );
    expect(found.messages.at(-1)).toMatchObject({
      from: { subject: 'ada', kind: 'user' },
      data: (JSON.parse(frame?.code ?? '') as { data: object }).data,
    });
    const printed = await wscat.prints('"type":"result"', '"text":"The build is green"');
    const result = JSON.parse(/\{"type":"result".*/.exec(printed)?.[0] ?? '') as object;
    // With the fields that the document shows, and no other.
    const shape = (value: unknown): unknown =>
      typeof value === 'object' && value !== null
        ? Object.entries(value).map(([name, part]) => [name, shape(part)])
        : typeof value;
    expect(shape(result)).toEqual(shape(JSON.parse(answer?.code ?? '')));

    await say(2, 'to whom it may concern');
    await wscat.prints('to whom it may concern');
    // What is too much for one message ends it, in words that any client prints.
    wscat.type('x'.repeat(70_000));
    await wscat.prints(
      '"type":"goodbye","code":1009,"reason":"found a message over 65536 bytes, expected at most that',
    );
    await wscat.leave();
  });

  it('[END2] reads the dashboard as README.md shows it', async () => {
    await using wscat = startWscat('README.md');
    await wscat.prints('"type":"welcome"', '"type":"subscribed"', '"type":"messages","channel":"metrics/local"');
    await wscat.leave();
  });
});

describe.runIf(hasTool('python'))('the programs in examples/python', () => {
  /** Runs one of them; resolves at its end, or as soon as what it printed pleases. */
  async function python(
    program: string,
    args: readonly string[],
    pleases: (printed: string) => boolean = () => false,
  ): Promise<string> {
    const file = fileURLToPath(new URL(`../examples/python/${program}`, import.meta.url));
    const child = spawn(toolPath('python') ?? 'python3', [file, ...args], {
      env: cleanEnvironment({ TELLTALE_SECRET: testSecret }),
    });
    let [printed, complained] = ['', ''];
    child.stdout.setEncoding('utf8').on('data', (text: string) => (printed += text));
    child.stderr.setEncoding('utf8').on('data', (text: string) => (complained += text));
    let hasEnded = false;
    child.once('close', () => (hasEnded = true));
    try {
      await until(
        `${program} to print`,
        () => ({ printed, complained }),
        () => hasEnded || pleases(printed),
      );
    } finally {
      child.kill('SIGKILL');
    }
    if (complained !== '') throw new Error(`${program} complained: ${complained}`);
    return printed;
  }
  const framesOf = (printed: string): readonly ServerFrame[] =>
    printed
      .split('\n')
      .slice(0, -1)
      .map((line) => JSON.parse(line) as ServerFrame);

  it('[END2] read welcome and current data with the websockets package', async () => {
    const url = hub.socketUrl(`/ws/dashboard/?token=${await hub.token('python')}`);
    const printed = await python('watch.py', [url], (text) => dataOf(framesOf(text), 'metrics/local').length > 0);
    const frames = framesOf(printed);
    expect(frames[0]).toMatchObject({ type: 'welcome', identity: { subject: 'python' } });
    expect(frames[1]).toMatchObject({ type: 'subscribed' });
    // Between the welcome and the first sample, by the hub's own clock.
    const welcomeAt = (frames[0] as WelcomeFrame).time;
    const sample = frames.find(
      (frame): frame is MessagesFrame => frame.type === 'messages' && frame.channel === 'metrics/local',
    );
    expect(sample?.messages.at(-1)?.time).toBeGreaterThan(welcomeAt - 11_000);
    expect(sample?.messages[0]?.time).toBeLessThan(welcomeAt + promised(2000));
  });

  it('[PUB1] publish with a token of their own making, and watch it arrive', async () => {
    using reader = openPlainSocket(hub.socketUrl(`/ws/chat/general/?token=${await mint('mara')}`));
    await reader.frame('subscribed');
    const text = 'The build is green, says Python';
    const answer = JSON.parse(await python('publish.py', [hub.url, text])) as unknown;
    expect(answer).toMatchObject({ duplicate: false, position: { offset: expect.any(Number) as number } });
    const frame = await reader.frame('messages', ({ messages }) =>
      // A row of who is here that is gone has no data.
      messages.some(({ data }) => (data as { text?: string } | null)?.text === text),
    );
    expect(frame.messages.at(-1)?.from).toMatchObject({ subject: 'build-server' });
  });
});

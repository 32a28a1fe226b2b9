// Rooms against the built hub: a hub that is killed with -9 between send and acknowledgement, plain clients that know
// nothing of ours, a Python program, and somebody whose process or line is gone.

import { spawn } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { SignJWT } from 'jose';
import type { ChatEvent, ChatPage, HistoryPage, PresenceRow } from '@telltale/hub/api';
import type { MessagesFrame } from '@telltale/protocol';
import { describe, expect, it } from 'vitest';
import { hasTool, toolPath } from '../scripts/tools.mjs';
import { isLongRun, randomFrom, testSeed } from '../packages/gateway/src/testing/random.ts';
import { ChatSender } from './support/chat-sender.ts';
import { startCuttingProxy } from './support/cutting-proxy.ts';
import { cleanEnvironment, type HubProcess, startHubProcess, testSecret } from './support/hub-process.ts';
import { promised } from './support/pace.ts';
import { openPlainSocket } from './support/plain-socket.ts';
import { readSnippets } from './support/snippets.ts';
import { holds, until } from './support/until.ts';

const kills = isLongRun ? 100 : 5;
const channel = 'chat/general';

/** A token of another backend: the command would be a process each. */
function mint(subject: string, scope = 'viewer'): Promise<string> {
  return new SignJWT({ scope })
    .setProtectedHeader({ alg: 'HS256' })
    .setIssuer('telltale')
    .setAudience('telltale')
    .setSubject(subject)
    .setExpirationTime('1h')
    .sign(new TextEncoder().encode(testSecret));
}

const startHub = (env: Record<string, string> = {}): Promise<HubProcess> =>
  startHubProcess({ env: { TELLTALE_SECRET: testSecret, ...env } });

/** Says who writes in the room. */
async function writersAre(hub: HubProcess, writers: 'viewers' | 'operators', operator: string): Promise<void> {
  const answer = await fetch(`${hub.url}/api/rooms/writers`, {
    method: 'POST',
    headers: { authorization: `Bearer ${operator}`, 'content-type': 'application/json' },
    body: JSON.stringify({ room: 'general', writers }),
  });
  if (answer.status !== 200) throw new Error(`the room answered ${answer.status} ${await answer.text()}`);
}

async function get<Answer>(hub: HubProcess, path: string, token: string): Promise<Answer> {
  const answer = await fetch(`${hub.url}${path}`, { headers: { authorization: `Bearer ${token}` } });
  if (answer.status !== 200) throw new Error(`${path} answered ${answer.status} ${await answer.text()}`);
  return (await answer.json()) as Answer;
}

/** All that was said in a room, page by page, to its beginning. */
async function historyOf(hub: HubProcess, token: string): Promise<ChatPage['messages']> {
  const messages: ChatPage['messages'][number][] = [];
  for (;;) {
    const before = messages[0] === undefined ? '' : `&before=${messages[0].offset}`;
    const page = await get<ChatPage>(hub, `/api/rooms/general/messages?limit=50${before}`, token);
    messages.unshift(...page.messages);
    if (!page.more) return messages;
  }
}

/** Names of the hub's files in which a text stands. */
function filesWith({ dataDir }: HubProcess, text: string): readonly string[] {
  return readdirSync(dataDir, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && readFileSync(join(entry.parentPath, entry.name)).includes(text))
    .map(({ name }) => name);
}

/** Looks again in each turn of the process: what comes between two answers is a matter of less than a millisecond. */
async function untilNow(isSo: () => boolean): Promise<void> {
  const deadline = performance.now() + 30_000;
  while (!isSo()) {
    if (performance.now() > deadline) throw new Error('waited 30 s for answers that did not come');
    await new Promise((resolve) => setImmediate(resolve));
  }
}

/** Who comes back without the right to write is told of each message what is so: that it is there, or that it is refused. */
async function comeBackWithoutTheRight(
  hub: HubProcess,
  senders: readonly ChatSender[],
  operator: string,
): Promise<void> {
  const newest = async (): Promise<readonly string[]> => {
    const { messages } = await get<ChatPage>(hub, '/api/rooms/general/messages?limit=200', operator);
    return messages.map(({ text }) => text);
  };
  for (const sender of senders) await sender.connect(hub);
  for (const sender of senders) sender.say(2);
  const stored = senders.flatMap(({ sent }) => sent.slice(-2));
  await until('what was said to be there', newest, (texts) => stored.every((text) => texts.includes(text)));
  for (const sender of senders) {
    sender.lose();
    sender.say(2);
  }
  await hub.kill9();
  await hub.restart();
  await writersAre(hub, 'operators', operator);
  for (const sender of senders) await sender.connect(hub);
  await until(
    'every answer',
    () => senders.map((sender) => sender.take()),
    (waiting) => waiting.every((count) => count === 0),
  );
  const there = await newest();
  for (const { acknowledged, refused } of senders) {
    expect(refused).toHaveLength(2);
    expect(refused.filter((text) => there.includes(text))).toEqual([]);
    expect(stored.filter((text) => acknowledged.has(text))).toHaveLength(2);
  }
  await writersAre(hub, 'viewers', operator);
}

/** What was taken back right before a kill is in no file soon after the next start. */
async function takenBackOverAKill(hub: HubProcess, token: string): Promise<void> {
  const text = 'the key is plover-9';
  {
    using socket = openPlainSocket(hub.socketUrl(`/ws/chat/general/?token=${token}`));
    await socket.frame('welcome');
    socket.send({ type: 'publish', id: 1, channel, data: { text } });
    const { data } = await socket.frame('result', ({ id }) => id === 1);
    const message = (data as { position: { offset: number } }).position.offset;
    socket.send({ type: 'publish', id: 2, channel, data: { type: 'deleted', message } });
    await socket.frame('result', ({ id }) => id === 2);
    await hub.kill9();
  }
  expect(filesWith(hub, text)).not.toEqual([]);
  await hub.restart();
  await until(
    'no file to have what was taken back',
    () => filesWith(hub, text),
    (files) => files.length === 0,
    promised(5_000),
  );
}

it(
  `[STO1] [STO5] [ONC1] [ONC6] [CHT2] what was acknowledged in a room is there exactly once after ${kills} kills with -9 (seed ${testSeed})`,
  async () => {
    await using hub = await startHub({ TELLTALE_CHAT_RATE: '1000' });
    const random = randomFrom(testSeed);
    const names = ['numbered-ada', 'numbered-bob', 'plain-carl', 'plain-dora'];
    const senders = await Promise.all(
      names.map(async (name) => new ChatSender(name, await mint(name), name.startsWith('numbered'))),
    );
    const numbered = senders.filter(({ isNumbered }) => isNumbered);
    const operator = await mint('olga', 'operator');
    for (let kill = 0; kill < kills; kill++) {
      for (const sender of senders) await sender.connect(hub);
      for (const sender of senders) {
        sender.say(8);
        sender.takeBack();
        sender.say(4);
      }
      // Sometimes before anything is answered, sometimes between two answers, sometimes behind the last.
      const answered = Math.floor(random() * (senders.length * 12 + 1));
      const before = senders.reduce((sum, { acknowledged }) => sum + acknowledged.size, 0);
      await untilNow(() => {
        for (const sender of senders) sender.take();
        return senders.reduce((sum, { acknowledged }) => sum + acknowledged.size, 0) >= before + answered;
      });
      await hub.kill9();
      await hub.restart();
      if (kill % 4 === 0) await comeBackWithoutTheRight(hub, numbered, operator);
    }
    for (const sender of senders) await sender.connect(hub);
    await until(
      'every answer',
      () => numbered.map((sender) => sender.take()),
      (waiting) => waiting.every((count) => count === 0),
    );
    const token = senders[0]?.token ?? '';
    senders[0]?.takeBack();
    await until(
      'a message to be taken back',
      () => historyOf(hub, token),
      (all) => all.some(({ offset, deleted }) => deleted !== null && senders[0]?.deleted.has(offset)),
    );
    const history = await historyOf(hub, token);
    const offsets = new Map<string, number[]>();
    for (const { text, offset } of history) offsets.set(text, [...(offsets.get(text) ?? []), offset]);
    const takenBack = new Set(history.flatMap(({ deleted, offset }) => (deleted === null ? [] : [offset])));
    for (const { sent, acknowledged, isNumbered, deleted, name } of senders) {
      if (isNumbered) expect([...acknowledged.keys()].sort()).toEqual(sent.toSorted());
      for (const text of sent) {
        const found = offsets.get(text) ?? [];
        const told = acknowledged.get(text);
        expect(found.length, text).toBeLessThanOrEqual(1);
        if (told === undefined) continue;
        // It stands where it was acknowledged, unless it was taken back there.
        if (told > 0 && takenBack.has(told)) expect(found, text).toEqual([]);
        else if (told > 0) expect(found, text).toEqual([told]);
      }
      // Of those whose place was not told, none is missing: what is not there was taken back.
      const missing = sent.filter((text) => acknowledged.has(text) && !offsets.has(text)).length;
      expect(missing, name).toBe([...deleted].filter((offset) => takenBack.has(offset)).length);
      const ours = history.filter(({ text }) => text.startsWith(name)).map(({ text }) => Number(text.split(' ')[1]));
      expect(ours).toEqual(ours.toSorted((one, other) => one - other));
    }
    // The log itself says the same, without a hole, and nothing of what was taken back.
    const events: { offset: number; data: ChatEvent }[] = [];
    for (let before = ''; ;) {
      const page = await get<HistoryPage>(hub, `/api/channels/${channel}/messages?limit=1000${before}`, token);
      events.unshift(...(page.messages as readonly { offset: number; data: ChatEvent }[]));
      if (!page.more) break;
      before = `&before=${page.epoch}:${events[0]?.offset}`;
    }
    expect(events.map(({ offset }) => offset)).toEqual(events.map((_, index) => index + 1));
    const said = events.flatMap(({ offset, data }) => (data.type === 'said' ? [[offset, data.text]] : []));
    expect(said).toEqual(history.map(({ offset, text }) => [offset, text]));
    await takenBackOverAKill(hub, token);
  },
  isLongRun ? 900_000 : 150_000,
);

// Each has a hub of its own, and waits most of its time.
describe.concurrent('a room', () => {
  it('[CHT6] is gone within 40 s when their process is killed or frozen or their line is silent, and does not flicker over a short break', async () => {
    await using hub = await startHub();
    const [ada, bob, carl] = await Promise.all([mint('ada'), mint('bob'), mint('carl')]);
    const pathOf = (token: string): string => `/ws/chat/general/?token=${token}`;
    using watcher = openPlainSocket(hub.socketUrl(pathOf(ada)));
    /** Everything that was told of somebody else: who came, and null where a row went. */
    const told = (): readonly (string | null)[] =>
      watcher.frames
        .filter((frame): frame is MessagesFrame => frame.type === 'messages' && frame.channel === 'presence/general')
        .flatMap(({ messages }) => messages.map(({ data }) => (data as PresenceRow | null)?.subject ?? null))
        .filter((subject) => subject !== 'ada');
    const tells = (what: string, count: number, withinMs?: number): Promise<readonly (string | null)[]> =>
      until(what, told, (all) => all.length >= count, withinMs);
    const start = async (url: string): Promise<ReturnType<typeof spawn>> => {
      const script = `const { WebSocket } = require('ws'); new WebSocket(${JSON.stringify(url)}).once('message', () => console.log('here'))`;
      const child = spawn(process.execPath, ['-e', script], { stdio: ['ignore', 'pipe', 'inherit'] });
      const lines = createInterface(child.stdout);
      await new Promise((resolve) => lines.once('line', resolve));
      return child;
    };
    const first = openPlainSocket(hub.socketUrl(pathOf(bob)));
    await tells('bob', 1);
    first[Symbol.dispose]();
    // Back before anybody has noticed: nothing is said of it.
    using again = openPlainSocket(hub.socketUrl(pathOf(bob)));
    await again.frame('welcome');
    const program = await start(hub.socketUrl(pathOf(bob)));
    again[Symbol.dispose]();
    program.kill('SIGKILL');
    expect(await tells('his end', 2, 20_000)).toEqual(['bob', null]);
    if (!isLongRun) return;

    await using proxy = await startCuttingProxy(hub.port);
    const around = (token: string): string => `ws://127.0.0.1:${proxy.port}${pathOf(token)}`;
    using before = openPlainSocket(around(bob));
    await before.frame('welcome');
    await tells('bob again', 3);
    proxy.drop();
    // Longer than is promised, and then past what is waited for somebody who does not come back.
    await holds('his row', told, ({ length }) => length === 3, 6_300);
    using silent = openPlainSocket(around(bob));
    await silent.frame('welcome');
    await holds('his row', told, ({ length }) => length === 3, 3_000);

    const frozen = await start(hub.socketUrl(pathOf(carl)));
    await tells('carl', 4);
    const since = performance.now();
    // His system still answers for his process; of the other line nothing comes any more, not even an end.
    frozen.kill('SIGSTOP');
    proxy.cut();
    const all = await tells('both silences to be noticed', 6, 60_000);
    expect(performance.now() - since).toBeLessThan(40_000);
    expect(all).toEqual(['bob', null, 'bob', 'carl', null, null]);
    expect(silent.ended).toBeUndefined();
    frozen.kill('SIGKILL');
  });

  it.runIf(hasTool('python'))('gives examples/python/chat.py each line once, over a hub that is killed', async () => {
    await using hub = await startHub();
    const [ada, bob] = await Promise.all([mint('ada'), mint('bob')]);
    using other = openPlainSocket(hub.socketUrl(`/ws/chat/general/?token=${bob}`));
    await other.frame('welcome');
    const [asDocumented] = readSnippets('docs/chat.md').filter(({ language }) => language === 'json');
    other.send(JSON.parse(asDocumented?.code ?? '') as object);
    expect(await other.frame('result')).toMatchObject({ id: 1, data: { channel, position: { offset: 1 } } });
    other.send({ type: 'publish', id: 2, channel, data: { text: 'before\u202e\u001b[2J' } });
    await other.frame('result', ({ id }) => id === 2);
    const file = fileURLToPath(new URL('../examples/python/chat.py', import.meta.url));
    const words = [file, hub.socketUrl('/ws/chat/general/'), ada];
    const child = spawn(toolPath('python') ?? 'python3', words, { env: cleanEnvironment() });
    let printed = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => (printed += text));
    child.stderr.setEncoding('utf8').on('data', (text: string) => (printed += text));
    const ended = new Promise((resolve) => child.once('close', resolve));
    const prints = (text: string): Promise<string> =>
      until(
        text,
        () => printed,
        (all) => all.includes(text),
        20_000,
      );
    try {
      await prints('1 bob: The build is green\n2 bob: before\ufffd\ufffd[2J');
      child.stdin.write('hello\n');
      await prints('3 ada: hello');
      child.stdin.write(`${'x'.repeat(4005)}\n`);
      await prints('Not said: chat/general: data.text: too long by 5 characters');
      await hub.kill9();
      child.stdin.write('while it is gone\n');
      await hub.restart();
      await prints('4 ada: while it is gone');
      child.stdin.end();
      await ended;
      expect(printed.match(/hello|while it is gone/g)).toEqual(['hello', 'while it is gone']);
      const { messages } = await get<ChatPage>(hub, '/api/rooms/general/messages', ada);
      expect(messages.map(({ text }) => text)).toEqual([
        'The build is green',
        'before\u202e\ufffd[2J',
        'hello',
        'while it is gone',
      ]);
    } finally {
      child.kill('SIGKILL');
      await ended;
    }
  });
});

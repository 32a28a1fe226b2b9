// Rooms as operators make them and as they come by themselves; who sees which, and what changes while they look.

import { describe, expect, it } from 'vitest';
import type { ChatPost, PresenceRow, RoomRow, UserFact } from '../api.ts';
import { isWelcome, latestRow, type Line, rowThat } from '../testing/line.ts';
import { enrol } from '../testing/test-agent.ts';
import { eventsOf, personAt, type TestPerson } from '../testing/test-chat.ts';
import { startTestHub, type TestHub } from '../testing/test-hub.ts';
import { openRun, runId } from '../testing/test-run.ts';

async function watch(person: TestPerson, ...channels: readonly string[]): Promise<void> {
  for (const channel of channels) await person.line.request({ type: 'subscribe', channel });
}

const roomRow = (line: Line, room: string): unknown => latestRow(line, 'rooms', room);

async function start(): Promise<{ hub: TestHub; olga: TestPerson; ada: TestPerson; bob: TestPerson }> {
  const hub = await startTestHub();
  const olga = await personAt(hub, 'olga', { path: '', scope: 'operator' });
  const [ada, bob] = [await personAt(hub, 'ada', { path: '' }), await personAt(hub, 'bob', { path: '' })];
  for (const person of [ada, bob, olga]) await watch(person, 'rooms', `user/${person.id}`);
  return { hub, olga, ada, bob };
}

describe('rooms', () => {
  it('begin with general', async () => {
    const { ada } = await start();
    expect(await rowThat<RoomRow>(ada.line, ['rooms', 'general'], () => true)).toEqual({
      room: 'general',
      title: 'General',
      about: null,
      writers: 'viewers',
      members: null,
      archivedAt: null,
      lastOffset: 0,
      lastAt: null,
    });
    await ada.say('hello');
    await rowThat<RoomRow>(ada.line, ['rooms', 'general'], (row) => row.lastOffset === 1 && row.lastAt !== null);
  });

  it('are made, renamed, archived and brought back by operators, and by nobody else', async () => {
    const { hub, olga, ada } = await start();
    const made = { room: 'ops', title: ' Operations\n\u202e ', writers: 'viewers', members: null };
    expect((await ada.ask('/api/rooms', made)).status).toBe(403);
    expect((await olga.ask('/api/rooms', made)).json).toMatchObject({ room: 'ops', title: 'Operations \ufffd' });
    expect((await olga.ask('/api/rooms', { room: 'ops', title: 'Again' })).json.error).toMatchObject({
      name: 'room-taken',
    });
    await ada.say('here', 'ops');
    expect((await olga.ask('/api/rooms/rename', { room: 'ops', title: 'Night shift' })).json).toMatchObject({
      title: 'Night shift',
      lastOffset: 1,
    });
    await rowThat<RoomRow>(ada.line, ['rooms', 'ops'], ({ title }) => title === 'Night shift');
    expect((await olga.ask('/api/rooms/archive', { room: 'ops', archived: true })).status).toBe(200);
    await rowThat<RoomRow>(ada.line, ['rooms', 'ops'], ({ archivedAt }) => archivedAt !== null);
    expect(await ada.post({ text: 'still here?' }, 'ops')).toMatchObject({
      code: 4403,
      message: expect.stringMatching(
        /^the room ops was archived on \d{4}-\d\d-\d\d: it can be read, and nothing can be/,
      ),
    });
    expect(await ada.post({ type: 'deleted', message: 1 }, 'ops')).toMatchObject({ type: 'result' });
    expect((await ada.page('', 'ops')).messages).toHaveLength(1);
    await olga.ask('/api/rooms/archive', { room: 'ops', archived: false });
    expect(await ada.say('back', 'ops')).toBe(3);
    const listed = (await hub.ask('/api/rooms', { headers: olga.headers })).json.rooms as RoomRow[];
    expect(listed.map(({ room }) => room).sort()).toEqual(['general', 'ops']);
    expect((await hub.ask('/api/rooms', { headers: ada.headers })).status).toBe(403);
    await hub.hub.stop();
    const again = await startTestHub({ dataDir: hub.settings.dataDir });
    const back = await personAt(again, 'olga', { path: '', scope: 'operator' });
    expect((await again.ask('/api/rooms', { headers: back.headers })).json.rooms).toContainEqual({
      ...listed.find(({ room }) => room === 'ops'),
      lastOffset: 3,
      lastAt: expect.any(Number),
    });
  });

  it('have names and titles that can be told apart, or are refused with a reason', async () => {
    const { olga } = await start();
    const wrong: readonly unknown[] = [
      { room: 'agent.web-1', title: 'x' },
      { room: 'run.x', title: 'x' },
      { room: 'agent.', title: 'x' },
      { room: 'Ops', title: 'x' },
      { room: 'a/b', title: 'x' },
      { room: '', title: 'x' },
      { room: 'x'.repeat(81), title: 'x' },
      { room: 'ops', title: '' },
      { room: 'ops', title: '\u200b\u200d' },
      { room: 'ops', title: 'x'.repeat(400) },
      { room: 'ops', title: 'x', members: [] },
      { room: 'ops', title: 'x', members: ['../x'] },
      { room: 'ops', title: 'x', writers: 'agents' },
      '{"room":"ops","title":"x","__proto__":{"writers":"operators"}}',
      { room: 'ops', title: 'x', constructor: { prototype: { isAdmin: true } } },
    ];
    for (const body of wrong) {
      const { status, json } = await olga.ask('/api/rooms', body);
      expect([status, json.error.message.length > 10]).toEqual([400, true]);
    }
    for (const room of ['constructor', 'tostring', 'hasownproperty', 'valueof', '..', '-']) {
      expect((await olga.ask('/api/rooms', { room, title: room })).status).toBe(200);
      expect(await olga.say('hello', room)).toBe(1);
    }
    expect((await olga.ask('/api/rooms/rename', { room: 'no-such', title: 'x' })).status).toBe(404);
    for (const [path, body] of [
      ['archive', { archived: true }],
      ['members', { members: ['ada'] }],
    ] as const) {
      expect((await olga.ask(`/api/rooms/${path}`, { room: 'general', ...body })).status).toBe(400);
    }
  });

  it('[CHT4] where operators alone write tell viewers that they may not, and let them delete what they had said', async () => {
    const { olga, ada } = await start();
    await olga.ask('/api/rooms', { room: 'news', title: 'News', writers: 'operators' });
    expect(await ada.post({ text: 'x' }, 'news')).toMatchObject({ code: 4403 });
    expect(await olga.say('news', 'news')).toBe(1);
    await olga.ask('/api/rooms/writers', { room: 'news', writers: 'viewers' });
    expect(await ada.say('thanks', 'news')).toBe(2);
    await olga.ask('/api/rooms/writers', { room: 'news', writers: 'operators' });
    const why = 'user ada may not write to chat/news';
    const posts: readonly ChatPost[] = [
      { text: 'once more' },
      { type: 'edited', message: 2, text: 'no thanks' },
      { type: 'reacted', message: 1, emoji: '👍', on: true },
    ];
    for (const data of posts) expect(await ada.post(data, 'news')).toMatchObject({ code: 4403, message: why });
    const batch = [{ data: { type: 'deleted', message: 2 } }, { data: { text: 'in its place' } }];
    expect(await ada.line.request({ type: 'publish', channel: 'chat/news', batch })).toMatchObject({ message: why });
    const deletesOf = (message: number) => ada.post({ type: 'deleted', message }, 'news');
    expect(await deletesOf(1)).toMatchObject({ code: 4403, message: expect.stringContaining('not yours') as string });
    expect(await deletesOf(2)).toMatchObject({ type: 'result' });
    expect((await olga.page('', 'news')).messages.map(({ text }) => text)).toEqual(['news', '']);
  });

  it('[CHT4] [CHT5] [SUB8] with members are seen by them alone, from the moment they are', async () => {
    const { hub, olga, ada, bob } = await start();
    await olga.ask('/api/rooms', { room: 'plans', title: 'Plans', members: ['ada'] });
    type Member = Extract<UserFact, { type: 'member' }>;
    const row = await ada.fact<'member'>('member:plans', () => true);
    expect(row.room).toMatchObject({ room: 'plans', members: ['ada'] });
    await ada.say('ours', 'plans');
    await ada.fact<'member'>('member:plans', ({ room }) => room.lastOffset === 1 && room.lastAt !== null);
    expect(await bob.line.request({ type: 'subscribe', channel: 'chat/plans' })).toMatchObject({ code: 4403 });
    expect(await bob.line.request({ type: 'subscribe', channel: 'presence/plans' })).toMatchObject({ code: 4403 });
    expect((await hub.ask('/api/rooms/plans/messages', { headers: bob.headers })).status).toBe(404);
    expect(await bob.post({ text: 'x' }, 'plans')).toMatchObject({ code: 4403 });
    // An operator makes rooms and reads the others'; for this one they name themselves, and everybody there sees it.
    expect(await olga.line.request({ type: 'subscribe', channel: 'chat/plans' })).toMatchObject({ code: 4403 });

    await olga.ask('/api/rooms/members', { room: 'plans', members: ['bob'] });
    await bob.fact<'member'>('member:plans', () => true);
    await watch(bob, 'chat/plans', 'presence/plans');
    await ada.line.next(() => latestRow(ada.line, `user/${ada.id}`, 'member:plans') === null);
    expect(await ada.line.request({ type: 'subscribe', channel: 'chat/plans' })).toMatchObject({ code: 4403 });
    await olga.ask('/api/rooms/members', { room: 'plans', members: ['ada'] });
    for (const channel of ['chat/plans', 'presence/plans']) {
      await bob.line.next((frame) => frame['type'] === 'unsubscribed' && frame['channel'] === channel, 2000);
    }
    await ada.say('not for bob', 'plans');
    expect(JSON.stringify(bob.line.frames)).not.toContain('not for bob');
    for (const { line } of [ada, bob, olga]) expect(roomRow(line, 'plans')).toBeUndefined();

    await olga.ask('/api/rooms/members', { room: 'plans', members: null });
    for (const { line } of [ada, bob]) await rowThat<RoomRow>(line, ['rooms', 'plans'], () => true);
    await ada.line.next(() => latestRow(ada.line, `user/${ada.id}`, 'member:plans') === null);
    const members = (line: Line, id: string): unknown => latestRow(line, `user/${id}`, 'member:plans') as Member | null;
    expect([members(bob.line, bob.id), members(olga.line, olga.id)]).toEqual([null, undefined]);
  });

  it('[CHT5] about an agent or a run come when somebody speaks there', async () => {
    const { hub, ada } = await start();
    const agent = await enrol(hub);
    await openRun(agent, runId(1));
    // The longest that a machine and a run can be called.
    const [machine, run] = ['m'.repeat(64), 'r'.repeat(32)];
    const other = await enrol(hub, machine, 'machine-of-the-test-2');
    await openRun(other, run);
    for (const [room, about] of [
      ['agent.web-1', { type: 'agent', id: 'web-1' }],
      [`run.${runId(1)}`, { type: 'run', id: runId(1) }],
      [`agent.${machine}`, { type: 'agent', id: machine }],
      [`run.${run}`, { type: 'run', id: run }],
    ] as const) {
      await watch(ada, `chat/${room}`);
      expect(roomRow(ada.line, room)).toBeUndefined();
      expect(await ada.page('', room)).toEqual({ position: null, messages: [], more: false });
      await ada.say('what is this?', room);
      const row = await rowThat<RoomRow>(ada.line, ['rooms', room], () => true);
      expect(row).toMatchObject({ title: about.id, about, lastOffset: 1 });
    }
    const own = `agent.${machine}`;
    expect((await ada.ask('/api/publish', { channel: `chat/${own}`, data: { text: 'by HTTP' } })).status).toBe(200);
    const bob = await personAt(hub, 'bob', { path: `chat/${own}/` });
    const line = other.line();
    await line.next(isWelcome);
    const spoken = { type: 'publish', channel: `chat/${own}`, data: { text: 'I, who have a room' } };
    expect(await line.request(spoken)).toMatchObject({ data: { position: { offset: 3 } } });
    expect(await line.request({ ...spoken, channel: 'chat/agent.web-1' })).toMatchObject({ code: 4403 });
    await rowThat<PresenceRow>(bob.line, [`presence/${own}`, bob.id], () => true);
    await bob.line.next(() => eventsOf(bob.line, own).length === 3);
    expect((await ada.page('', own)).messages.at(-1)).toMatchObject({ from: { kind: 'agent', subject: machine } });
    expect(
      await bob.line.request({ type: 'call', method: 'chat.read', params: { room: own, offset: 3 } }),
    ).toMatchObject({
      type: 'result',
    });
    const olga = await personAt(hub, 'olga', { path: '', scope: 'operator' });
    expect((await olga.ask('/api/rooms/rename', { room: own, title: 'The long one' })).status).toBe(200);
    for (const room of ['agent.nobody', 'run.nothing', 'agent.', 'elsewhere']) {
      expect(await ada.line.request({ type: 'subscribe', channel: `chat/${room}` })).toMatchObject({ code: 4404 });
      expect(await ada.post({ text: 'x' }, room)).toMatchObject({ code: 4404 });
    }
  });
});

// @vitest-environment happy-dom
import type { RequestFrame } from '@telltale/client';
import type { ErrorFrame, ResultFrame } from '@telltale/protocol';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createOutbox, mostWaiting } from './outbox.ts';
import { createPostKeep } from './post-keep.ts';

type Answer = ResultFrame | ErrorFrame | undefined;

/** A page of a person: its outbox, what it asked, and a clock that stands still. */
function page(identity = 'ada') {
  const asked: { frame: RequestFrame; answer: (answer: Answer) => void }[] = [];
  const timers: { ms: number; run: () => void }[] = [];
  let now = 1_000;
  let made = 0;
  const name = `${identity}${Math.random().toString(36).slice(2)}`;
  const followed = new Set(['general', 'ops']);
  const outbox = createOutbox({
    keep: createPostKeep(identity),
    ask: (frame) => new Promise((answer) => asked.push({ frame, answer })),
    randomId: () => `${name}-${(made += 1)}`,
    now: () => now,
    after(ms, run) {
      const timer = { ms, run };
      timers.push(timer);
      return () => void timers.splice(timers.indexOf(timer), 1);
    },
    alone,
    isFollowed: (room) => followed.has(room),
  });
  const stop = outbox.start();
  open.push(stop);
  return {
    outbox,
    stop,
    asked,
    timers,
    followed,
    pass(ms: number) {
      now += ms;
    },
    async answer(answer: Answer) {
      asked.at(-1)?.answer(answer);
      await turn();
    },
    run() {
      timers.shift()?.run();
    },
  };
}
const open: (() => void)[] = [];
/** What follows from an answer, and the turn of the next, are a few promises away. */
const turn = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 0));
/** The turns of all pages, as the browser's locks give them. */
const turns = new Map<string, (() => Promise<void>)[]>();
function alone(room: string, send: () => Promise<void>): void {
  const waiting = turns.get(room) ?? [];
  turns.set(room, waiting);
  waiting.push(send);
  if (waiting.length === 1) void take(waiting);
}
async function take(waiting: (() => Promise<void>)[]): Promise<void> {
  for (let next = waiting[0]; next !== undefined; next = waiting[0]) {
    await next();
    waiting.shift();
  }
}
const stored = (offset: number): ResultFrame => ({
  type: 'result',
  id: 1,
  data: { channel: 'chat/general', position: { epoch: 'k1', offset }, duplicate: false },
});
const refused = (more: Partial<ErrorFrame> = {}): ErrorFrame => ({
  type: 'error',
  id: 1,
  code: 4400,
  message: 'found 4212 characters, expected at most 4000',
  retryable: false,
  ...more,
});
const states = ({ posts }: ReturnType<typeof page>['outbox']): readonly string[] =>
  posts.map(({ state }) => state.kind);
const onceOf = ({ frame }: { frame: RequestFrame }): unknown => 'once' in frame && frame.once;

beforeEach(() => localStorage.clear());
afterEach(() => {
  for (const stop of open.splice(0)) stop();
  turns.clear();
});

describe('what was said', () => {
  it('waits for the line, is sent in order one after the other, and goes when it is seen in the room', async () => {
    const { outbox, asked, answer } = page();
    outbox.post('general', { text: 'one' });
    outbox.post('general', { text: 'two' });
    expect([states(outbox), asked.length]).toEqual([['waiting', 'waiting'], 0]);
    outbox.line(true);
    expect([states(outbox), asked.length]).toEqual([['asked', 'waiting'], 1]);
    await answer(stored(7));
    expect([states(outbox), asked.length]).toEqual([['stored', 'asked'], 2]);
    await answer(stored(8));
    outbox.seen('general', 7);
    expect(states(outbox)).toEqual(['stored']);
    outbox.seen('general', 8);
    expect(states(outbox)).toEqual([]);
    expect(localStorage.length).toBe(0);
  });

  it('is sent with the same `once` after the line broke, and after a reload', async () => {
    const first = page();
    first.outbox.line(true);
    first.outbox.post('general', { text: 'one' });
    first.outbox.line(false);
    await first.answer(undefined);
    expect(states(first.outbox)).toEqual(['waiting']);
    first.outbox.line(true);
    expect(first.asked.map(onceOf)).toEqual([onceOf(first.asked[0] as never), onceOf(first.asked[0] as never)]);
    first.stop();
    const second = page();
    expect(second.outbox.posts).toMatchObject([{ post: { text: 'one' }, state: { kind: 'waiting' } }]);
    second.outbox.line(true);
    await turn();
    expect(second.asked.map(onceOf)).toEqual([onceOf(first.asked[0] as never)]);
    await second.answer(stored(3));
    expect(page().outbox.posts).toEqual([]);
  });

  it('belongs to who wrote it', () => {
    const ada = page('ada');
    ada.outbox.post('general', { text: 'mine' });
    const bob = page('bob');
    bob.outbox.line(true);
    expect([bob.outbox.posts, bob.asked]).toEqual([[], []]);
    expect(page('ada').outbox.posts).toHaveLength(1);
  });

  it('stays with its reason where the hub refuses it, also over a reload, and can be tried again or discarded', async () => {
    const { outbox, answer, asked } = page();
    outbox.line(true);
    outbox.post('general', { text: 'too long' });
    outbox.post('general', { text: 'next' });
    await answer(refused());
    expect(outbox.posts[0]?.state).toEqual({ kind: 'refused', code: 4400, reason: refused().message });
    expect(states(outbox)).toEqual(['refused', 'asked']);
    expect(page().outbox.posts[0]?.state).toMatchObject({ kind: 'refused', code: 4400 });
    const { key } = outbox.posts[0] as { key: string };
    outbox.again(key);
    expect(states(outbox)).toEqual(['asked', 'waiting']);
    await answer(stored(1));
    expect(onceOf(asked[2] as never)).not.toEqual(onceOf(asked[0] as never));
    await answer(refused());
    outbox.discard((outbox.posts.at(-1) as { key: string }).key);
    expect(states(outbox)).toEqual(['stored']);
  });

  it('waits as long as the hub asks for, and longer each time where it does not say', async () => {
    const { outbox, answer, timers, run, asked } = page();
    outbox.line(true);
    outbox.post('general', { text: 'fast' });
    await answer(refused({ retryable: true, code: 4429, message: 'more than 5 a second', retryAfterMs: 700 }));
    expect(outbox.posts[0]?.state).toEqual({ kind: 'waiting', why: 'more than 5 a second' });
    const waits = [timers[0]?.ms];
    for (let n = 0; n < 3; n += 1) {
      run();
      await answer(refused({ retryable: true, code: 4503 }));
      waits.push(timers[0]?.ms);
    }
    expect(waits).toEqual([700, 1_000, 2_000, 4_000]);
    expect(new Set(asked.map(onceOf).map((once) => JSON.stringify(once))).size).toBe(1);
  });

  it('that is seen in the room before its answer came is shown once', async () => {
    const { outbox, answer, asked } = page();
    outbox.line(true);
    outbox.post('general', { text: 'one' });
    outbox.post('general', { text: 'two' });
    outbox.heard(outbox.posts[0]?.key ?? '', 5);
    expect([states(outbox), localStorage.length, asked.length]).toEqual([['stored', 'waiting'], 1, 1]);
    outbox.seen('general', 5);
    expect(states(outbox)).toEqual(['waiting']);
    await answer(stored(5));
    expect([states(outbox), asked.length]).toEqual([['asked'], 2]);
  });

  it('that was stored long ago, as its answer says only now, does not wait to be seen where it is seen already', async () => {
    const { outbox, answer } = page();
    outbox.line(true);
    outbox.post('general', { text: 'sent, and never answered' });
    outbox.seen('general', 90);
    expect(states(outbox)).toEqual(['asked']);
    await answer(stored(7));
    expect([outbox.posts, localStorage.length]).toEqual([[], 0]);
  });

  it('is not held up by another room', async () => {
    const { outbox, asked } = page();
    outbox.line(true);
    outbox.post('general', { text: 'one' });
    outbox.post('ops', { text: 'two' });
    expect(asked.map(({ frame }) => 'channel' in frame && frame.channel)).toEqual(['chat/general', 'chat/ops']);
  });

  it('is not sent again after days in which the hub may have forgotten it', async () => {
    const { outbox, pass, asked } = page();
    outbox.line(true);
    outbox.post('general', { text: 'long ago' });
    outbox.line(false);
    pass(7 * 24 * 3_600_000);
    outbox.line(true);
    await turn();
    expect([asked.length, states(outbox)]).toEqual([1, ['refused']]);
  });

  it('is not taken where too much waits', () => {
    const { outbox } = page();
    for (let n = 0; n < mostWaiting; n += 1) expect(outbox.post('general', { text: String(n) })).toBe(true);
    expect(outbox.post('general', { text: 'one more' })).toBe(false);
  });

  it('is refused in words where too much waits and it stands nowhere else, until there is room', async () => {
    const { outbox, asked, answer } = page();
    for (let n = 0; n < mostWaiting; n += 1) outbox.post('general', { text: String(n) });
    const gone = { type: 'deleted', message: 7 } as const;
    outbox.act('general', gone);
    outbox.act('general', { type: 'reacted', message: 7, emoji: 'x', on: true });
    // Whoever presses again is told again, and not twice.
    outbox.act('general', gone);
    const told = (): readonly (readonly [unknown, string])[] =>
      outbox.posts.flatMap(({ post, state }) => (state.kind === 'refused' ? [[post.type, state.reason] as const] : []));
    expect(told()).toEqual([
      ['reacted', '200 messages wait already'],
      ['deleted', '200 messages wait already'],
    ]);
    const again = (): void => outbox.again(outbox.posts.at(-1)?.key ?? '');
    again();
    expect([told().length, localStorage.length]).toEqual([2, mostWaiting]);
    outbox.line(true);
    await answer(stored(1));
    again();
    expect([told().length, outbox.posts.at(-1)]).toMatchObject([1, { post: gone, state: { kind: 'waiting' } }]);
    outbox.line(false);
    // One that the hub refused says now why it was not tried again.
    outbox.line(true);
    await answer(refused());
    expect(asked.at(-1)?.frame).toMatchObject({ data: { text: '2' } });
    outbox.post('general', { text: 'one more' });
    outbox.again(outbox.posts.find(({ state }) => state.kind === 'refused')?.key ?? '');
    expect(told()[0]).toEqual([undefined, '200 messages wait already']);
  });

  it('of another tab comes in and goes when that tab has sent it', async () => {
    const one = page();
    const other = page();
    const tell = (): boolean => dispatchEvent(new StorageEvent('storage', { key: null }));
    one.outbox.line(true);
    one.outbox.post('general', { text: 'from the other tab' });
    tell();
    expect(other.outbox.posts).toMatchObject([{ post: { text: 'from the other tab' } }]);
    await one.answer(stored(4));
    tell();
    expect(other.outbox.posts).toEqual([]);
  });

  it('is sent by one of the pages that are open', async () => {
    const [one, other] = [page(), page()];
    const tell = (): boolean => dispatchEvent(new StorageEvent('storage', { key: null }));
    for (const { outbox } of [one, other]) outbox.line(true);
    one.outbox.post('general', { text: 'from one' });
    tell();
    expect([one.asked.length, other.asked.length]).toEqual([1, 0]);
    await one.answer(stored(4));
    expect([other.asked.length, states(other.outbox)]).toEqual([0, []]);
    other.outbox.post('general', { text: 'from the other' });
    await turn();
    expect(other.asked).toHaveLength(1);
  });

  it('is sent by another page where the line of the one that sends it ends', async () => {
    const [one, other] = [page(), page()];
    for (const { outbox } of [one, other]) outbox.line(true);
    one.outbox.post('general', { text: 'from one' });
    dispatchEvent(new StorageEvent('storage', { key: null }));
    one.outbox.line(false);
    await one.answer(undefined);
    expect(other.asked.map(onceOf)).toEqual(one.asked.map(onceOf));
  });

  it('goes at once where its room is not open, for nobody will see it there', async () => {
    const { outbox, answer, followed } = page();
    followed.clear();
    outbox.line(true);
    outbox.post('general', { text: 'one' });
    await answer(stored(7));
    expect(outbox.posts).toEqual([]);
  });

  it('is refused and discarded on every page at once', async () => {
    const [one, other] = [page(), page()];
    const tell = (): boolean => dispatchEvent(new StorageEvent('storage', { key: null }));
    one.outbox.line(true);
    one.outbox.post('general', { text: 'too long' });
    tell();
    await one.answer(refused());
    tell();
    expect(other.outbox.posts[0]?.state).toMatchObject({ kind: 'refused', code: 4400 });
    other.outbox.discard(other.outbox.posts[0]?.key ?? '');
    tell();
    expect([one.outbox.posts, other.outbox.posts, localStorage.length]).toEqual([[], [], 0]);
  });

  it('is not kept anew where another page discarded it while it was on its way', async () => {
    const [one, other] = [page(), page()];
    one.outbox.line(true);
    one.outbox.post('general', { text: 'too long' });
    dispatchEvent(new StorageEvent('storage', { key: null }));
    other.outbox.discard(other.outbox.posts[0]?.key ?? '');
    await one.answer(refused());
    expect(localStorage.length).toBe(0);
  });

  it('is shown as kept or not, and passes over what it did not write', () => {
    localStorage.setItem('telltale.chat.ada.post.x', 'no JSON');
    localStorage.setItem('telltale.chat.ada.post.y', '{"room":7}');
    const { outbox } = page();
    outbox.post('general', { text: 'a' });
    expect(outbox.posts).toMatchObject([{ isKept: true, post: { text: 'a' } }]);
  });
});

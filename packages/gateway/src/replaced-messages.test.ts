// Messages that a store makes say something else at their place: gone from memory, from frames made already, from what is
// resumed and read again, whatever the broker was doing at that moment.

import { describe, expect, it } from 'vitest';
import type { MessagesFrame, Position } from '@telltale/protocol';
import { stream } from './channels/definition.ts';
import type { StoreAppend } from './broker/message-store.ts';
import { message } from './testing/describe-broker.ts';
import { readFrame } from './testing/hand-reader.ts';
import { handStore, settled, storedBounds } from './testing/hand-store.ts';
import { MemoryStore } from './testing/memory-store.ts';
import { startGateway } from './testing/start-gateway.ts';

const rules = { read: () => true, write: () => true };

/** `{takeBack: n}` makes message n say `null`. */
const takesBack = ({ bodies }: StoreAppend): Record<number, string> => {
  const { data } = JSON.parse(`{${bodies[0] ?? '"data":0}'}`) as { data: { takeBack?: number } };
  return data.takeBack === undefined ? {} : { [data.takeBack]: '"data":null}' };
};

function storeThatTakesBack(): MemoryStore {
  const store = new MemoryStore();
  store.replaces = takesBack;
  return store;
}

describe('a message that is replaced', () => {
  it('[STO5] is never read again, from whichever cursor, and nobody is sent it twice', async () => {
    await using started = await startGateway({
      channels: { chat: stream('chat', { ...rules, stored: true }) },
      store: storeThatTakesBack(),
    });
    const live = started.connect();
    await live.welcome();
    await live.subscribe('chat');
    await live.read('chat');
    const publish = (data: unknown) => started.gateway.publish('chat', data as never);
    for (const data of ['one', 'secret', 'three']) await publish(data);
    const early = started.connect();
    await early.welcome();
    await early.subscribe('chat');
    // A first read makes the frame that later ones share.
    const before = await early.read('chat');
    expect(before.messages.map(({ data }) => data)).toEqual(['one', 'secret', 'three']);
    const { epoch } = before.frames[0] as { epoch: string };
    await publish({ takeBack: 2 });
    // A first read goes as far as what was flushed.
    await live.next((frame) => frame.type === 'messages' && frame.to === 4);
    const after: unknown[] = ['one', null, 'three', { takeBack: 2 }];
    const since = [undefined, { last: 3 }, { epoch, offset: 0 }, { epoch, offset: 1 }] as readonly (
      Position | undefined
    )[];
    for (const [index, from] of since.entries()) {
      const late = started.connect();
      await late.welcome();
      await late.subscribe('chat', from);
      const { messages } = await late.read('chat');
      expect(messages.map(({ data }) => data)).toEqual(after.slice([0, 1, 0, 1][index]));
      expect(messages.map(({ offset }) => offset)).toEqual([1, 2, 3, 4].slice([0, 1, 0, 1][index]));
    }
    expect((await started.gateway.read('chat')).messages.map(({ data }) => data)).toEqual(after);
    const rest = await early.read('chat');
    expect(rest.messages.map(({ offset, data }) => [offset, data])).toEqual([[4, { takeBack: 2 }]]);
  });

  it('[STO5] keeps its time, and leaves the bytes of its log counted', async () => {
    const test = handStore();
    test.store.replaces = takesBack;
    const following = await test.broker.follow('a', storedBounds, () => {});
    await test.broker.append('a', [message('x'.repeat(5000)), message('two')], storedBounds);
    const [, bytes] = [await settled(), following.log?.bytes ?? 0];
    test.clock.advance(1000);
    await test.broker.append('a', [message({ takeBack: 1 })], storedBounds);
    expect(bytes - (following.log?.bytes ?? 0)).toBeGreaterThan(4800);
    const [first] = [...(following.log?.after(0) ?? [])].map((entry) => JSON.parse(entry.bytes.toString()) as object);
    expect(first).toEqual({ offset: 1, time: test.clock.now() - 1000, data: null });
    expect(test.store.contents('a').join()).not.toContain('xxx');
  });

  it('[STO5] is taken out of frames that were made of it, and that nothing else would have changed', async () => {
    const test = handStore();
    test.store.replaces = takesBack;
    const following = await test.broker.follow('a', storedBounds, () => {});
    const read = (): unknown => {
      const kept = following.log;
      if (kept === undefined) throw new Error('there is no log');
      const frame = readFrame(kept.read(0, kept.head, { withoutTombstones: 0 }).buffer) as MessagesFrame;
      return [frame.more, frame.messages.map(({ data }) => String(data).slice(0, 6))];
    };
    // The first two fill a frame, which stays as it is whatever comes behind it.
    const messages = ['secret', 'x'.repeat(65_000), 'y'.repeat(65_000)].map((data) => message(data));
    await test.broker.append('a', messages, storedBounds);
    expect(read()).toEqual([true, ['secret', 'xxxxxx']]);
    await test.broker.append('a', [message({ takeBack: 1 })], storedBounds);
    expect(read()).toEqual([true, ['null', 'xxxxxx']]);
  });

  it.each(['a read of the log', 'a commit nobody knows the fate of'] as const)(
    '[STO5] is replaced though %s is under way',
    async (what) => {
      const test = handStore();
      test.store.replaces = takesBack;
      const following = await test.broker.follow('a', storedBounds, () => {});
      await test.broker.append('a', [message('one'), message('secret')], storedBounds);
      const append = (): unknown => test.broker.append('a', [message({ takeBack: 2 })], storedBounds);
      if (what === 'a commit nobody knows the fate of') {
        test.hold('commits');
        const outcome = append();
        await test.release('unknown-written');
        expect(await outcome).toMatchObject({ kind: 'unknown' });
      } else {
        // Something else that is unknown makes the broker read the log again, and holds it there.
        test.hold('commits');
        const lost = test.broker.append('a', [message('lost')], storedBounds);
        await settled();
        test.store.onPage = () => new Promise((resolve) => setTimeout(resolve, 20));
        await test.release('unknown-lost');
        await lost;
        await append();
      }
      await expect.poll(() => following.inDoubt).toBe(false);
      const kept = [...(following.log?.after(0) ?? [])].map(({ bytes }) => bytes.toString());
      expect(kept.join()).not.toContain('secret');
      expect(kept).toEqual(test.store.contents('a'));
    },
  );

  it('[STO5] that memory has let go of is replaced in the store', async () => {
    const test = handStore();
    test.store.replaces = takesBack;
    const following = await test.broker.follow('a', { ...storedBounds, count: 2 }, () => {});
    for (const data of ['secret', 'two', 'three', { takeBack: 1 }]) {
      await test.broker.append('a', [message(data)], { ...storedBounds, count: 2 });
    }
    expect(following.log?.count).toBe(2);
    expect(test.store.contents('a').join()).not.toContain('secret');
  });
});

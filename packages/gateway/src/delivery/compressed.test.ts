// Compressed channels: who gets a frame deflated, who as it is, and that nobody but the first costs anything.

import { describe, expect, it } from 'vitest';
import { stream, table } from '../channels/definition.ts';
import { leastBytes } from '../log/deflated-frame.ts';
import { handDelivery } from '../testing/hand-delivery.ts';
import { HandReader, isDeflated } from '../testing/hand-reader.ts';

const sample = (cpu: number): object => ({
  cpu,
  memory: { used: 812_345_678, total: 16_777_216_000 },
  load: [1, 2, 3],
});

/** A viewer that is live on these channels, with nothing sent to it yet. */
function viewer(hand: ReturnType<typeof handDelivery>, inflates: boolean, ...channels: string[]): HandReader {
  const reader = new HandReader();
  reader.transport.inflates = inflates;
  for (const channel of channels) hand.subscribe(reader, channel);
  return reader;
}

function live(hand: ReturnType<typeof handDelivery>, ...readers: HandReader[]): void {
  hand.clock.advance(100);
  for (const { transport } of readers) {
    transport.buffers.length = 0;
    transport.writes.length = 0;
  }
}

const burst = (hand: ReturnType<typeof handDelivery>, channel: string, count: number): void => {
  for (let index = 0; index < count; index++) hand.publish(channel, sample(index));
  hand.clock.advance(100);
};

describe('[CMP2] a frame of a compressed channel', () => {
  it('[CMP3] [DLV1] is deflated once, and the same buffer goes to all who inflate', () => {
    const hand = handDelivery();
    const readers = Array.from({ length: 5 }, () => viewer(hand, true, 'c/a'));
    live(hand, ...readers);
    burst(hand, 'c/a', 20);
    const [first, ...others] = readers.map(({ transport }) => transport.buffers);
    expect(first).toHaveLength(1);
    expect(isDeflated(first?.[0] as Buffer)).toBe(true);
    for (const buffers of others) expect(buffers[0]).toBe(first?.[0]);
    expect(readers[4]?.view.messages).toEqual(
      Array.from({ length: 20 }, (_, index) => ({ offset: index + 1, data: sample(index) })),
    );
  });

  it('goes as it is to who does not inflate, and takes several times as much', () => {
    const hand = handDelivery();
    const [inflates, does] = [viewer(hand, true, 'c/a'), viewer(hand, false, 'c/a')];
    live(hand, inflates, does);
    burst(hand, 'c/a', 20);
    const [small, large] = [inflates, does].map(({ transport }) => transport.buffers[0] as Buffer);
    expect(isDeflated(large as Buffer)).toBe(false);
    expect((large as Buffer).length / (small as Buffer).length).toBeGreaterThan(3);
    expect(does.view.messages).toEqual(inflates.view.messages);
    expect(does.view.faults.concat(inflates.view.faults)).toEqual([]);
  });

  it(`is left as it is below ${leastBytes} bytes`, () => {
    const hand = handDelivery();
    const reader = viewer(hand, true, 'c/a');
    live(hand, reader);
    burst(hand, 'c/a', 1);
    hand.publish('c/a', 'x'.repeat(leastBytes));
    hand.clock.advance(100);
    expect(reader.transport.buffers.map((buffer) => isDeflated(buffer))).toEqual([false, true]);
    expect(reader.view.messages).toHaveLength(2);
  });

  it('[DLV3] [RES2] is deflated also for who catches up, once for all who stand at the same place', () => {
    const hand = handDelivery();
    burst(hand, 'c/a', 500);
    const readers = [viewer(hand, true, 'c/a'), viewer(hand, true, 'c/a'), viewer(hand, false, 'c/a')];
    hand.clock.advance(1000);
    const [first, second, plain] = readers.map(({ transport }) => transport.buffers.slice(1));
    expect(first?.some((buffer) => isDeflated(buffer))).toBe(true);
    expect(first?.every((buffer, index) => buffer === second?.[index])).toBe(true);
    expect(plain?.some((buffer) => isDeflated(buffer))).toBe(false);
    for (const { view } of readers) expect([view.messages.length, view.faults]).toEqual([500, []]);
  });

  it('[DLV5] leaves in one write with what other channels have, which is not compressed', () => {
    const hand = handDelivery();
    const readers = [viewer(hand, true, 'c/a', 's/a'), viewer(hand, true, 'c/a', 's/a')];
    live(hand, ...readers);
    for (let index = 0; index < 20; index++) {
      hand.publish('s/a', sample(index));
      hand.publish('c/a', sample(index));
    }
    hand.clock.advance(100);
    for (const { transport } of readers) {
      expect(transport.writes).toHaveLength(1);
      expect(new Set(transport.frames.map((frame) => 'channel' in frame && frame.channel))).toEqual(
        new Set(['c/a', 's/a']),
      );
      const [c, s] = [transport.messages('c/a')[0], transport.messages('s/a')[0]];
      expect(c?.messages.map(({ data }) => data)).toEqual(s?.messages.map(({ data }) => data));
    }
  });

  it('[LOG4] counts in what its log holds', () => {
    const hand = handDelivery();
    const held = (inflates: boolean): number => {
      const name = `c/${inflates}`;
      const reader = viewer(hand, inflates, name);
      live(hand, reader);
      burst(hand, name, 50);
      return hand.broker.follow(name, hand.channel(name).bounds, () => {}).log?.bytes ?? 0;
    };
    expect(held(true)).toBeGreaterThan(held(false));
  });
});

describe('[CMP5] only a channel with one trusted writer', () => {
  const write = (): boolean => true;

  it('may be compressed: the application alone, or who its name says', () => {
    expect(stream('vitals', { compress: true })).toMatchObject({ isCompressed: true });
    expect(table('metrics/:agent', { compress: true, write, singleWriter: true })).toMatchObject({
      isCompressed: true,
    });
    expect(stream('log', { write })).toMatchObject({ isCompressed: false });
  });

  it.each([stream, table])('may be, and a declaration says why not', (declare) => {
    const chat = (): unknown => declare('chat/:room', { write, compress: true });
    expect(chat).toThrow(
      /channel "chat\/:room": found `compress` beside a rule `write`, expected .*: .* compressed length/,
    );
    expect(chat).toThrow(expect.objectContaining({ code: 'ERR_TELLTALE_CHANNELS' }));
  });
});

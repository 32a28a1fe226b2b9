import { describe, expect, it } from 'vitest';
import { handDelivery } from '../testing/hand-delivery.ts';
import { HandReader } from '../testing/hand-reader.ts';
import { startGateway } from '../testing/start-gateway.ts';
import { eventually } from '../testing/plain-client.ts';

describe('what delivery counts', () => {
  it('[DLV1] is one write for what was joined, however many messages are in it', () => {
    const { clock, delivery, publish, subscribe } = handDelivery();
    for (const reader of [new HandReader(), new HandReader()]) {
      subscribe(reader, 's/a');
      subscribe(reader, 's/b');
    }
    clock.advance(100);
    const before = delivery.figures;
    for (let n = 0; n < 5; n++) for (const name of ['s/a', 's/b']) publish(name, n);
    clock.advance(100);
    const { messages, writes, joined, flushes } = delivery.figures;
    expect(messages - before.messages).toBe(20);
    expect(writes - before.writes).toBe(2);
    // Each of the two viewers: four of five of either channel.
    expect(joined - before.joined).toBe(16);
    expect(flushes - before.flushes).toBe(1);
  });

  it('[DLV3] tells frames that were made for somebody else from those that were not', () => {
    const { clock, delivery, publish, subscribe } = handDelivery();
    for (let n = 0; n < 300; n++) publish('s/a', `${n} ${'x'.repeat(1000)}`);
    subscribe(new HandReader(), 's/a');
    clock.advance(100);
    const alone = delivery.figures;
    expect(alone.catchUpFrames).toBeGreaterThan(3);
    expect(alone).toMatchObject({ catchUps: 1, catchUpShared: 0 });
    for (let n = 0; n < 9; n++) subscribe(new HandReader(), 's/a');
    clock.advance(100);
    expect(delivery.figures).toMatchObject({
      catchUps: 10,
      catchUpFrames: 10 * alone.catchUpFrames,
      catchUpShared: 9 * alone.catchUpFrames,
    });
  });

  it('[DLV3] is one write for a table that goes whole, in however many frames', () => {
    const { clock, delivery, publish, subscribe } = handDelivery();
    for (let n = 0; n < 20; n++) publish('t/a', 'x'.repeat(2000), `k${n}`);
    const reader = new HandReader();
    reader.transport.isSlow = true;
    subscribe(reader, 't/a');
    clock.advance(100);
    expect(reader.transport.messages('t/a').length).toBeGreaterThan(2);
    expect(reader.view.rows.size).toBe(20);
    const { writes, messages, catchUpFrames } = delivery.figures;
    expect({ writes, messages }).toEqual({ writes: 1, messages: 20 });
    expect(catchUpFrames).toBe(reader.transport.messages('t/a').length);
  });

  it('[RES3] [DLV2] is how often a viewer was left behind, and what it was told is gone', () => {
    const { clock, delivery, publish, subscribe } = handDelivery({ count: 10 });
    const reader = new HandReader();
    subscribe(reader, 's/a');
    clock.advance(100);
    expect(delivery.figures).toMatchObject({ behind: 0, fellBehind: 0, gaps: 0, gapMessages: 0 });
    reader.transport.isCongested = true;
    for (let n = 0; n < 25; n++) publish('s/a', n);
    clock.advance(100);
    expect(delivery.figures).toMatchObject({ behind: 1, fellBehind: 1, gaps: 0 });
    reader.transport.isCongested = false;
    delivery.resume(reader);
    clock.advance(100);
    expect(delivery.figures).toMatchObject({ behind: 0, fellBehind: 1, gaps: 1, gapMessages: 15 });
    expect(reader.view.missed).toEqual([{ from: 1, to: 15 }]);
  });
});

describe('the figures of a gateway', () => {
  it('[DLV2] say how many sessions are behind, for how long, and what is on its way to them', async () => {
    await using started = await startGateway();
    const { gateway } = started;
    const slow = await started.connect().opened();
    const quick = await started.connect().opened();
    for (const client of [slow, quick]) await client.subscribe('log/a');
    expect(gateway.figures()).toMatchObject({ sessionsBehind: 0, behindMs: 0 });
    slow.socket.pause();
    const text = 'x'.repeat(10_000);
    await eventually('a viewer that is behind', () => {
      void gateway.publish('log/a', text);
      return gateway.figures().sessionsBehind > 0;
    });
    // The quick one may have been left behind for a moment, by a flush that was too large.
    await eventually('the slow one alone behind for a while', () => {
      const { sessionsBehind, behind, behindMs } = gateway.figures();
      return sessionsBehind === 1 && behind === 1 && behindMs > 20;
    });
    expect(gateway.figures().unansweredBytes).toBeGreaterThan(10_000);
    slow.socket.resume();
    await eventually('nobody behind', () => gateway.figures().sessionsBehind === 0);
    expect(gateway.figures()).toMatchObject({ behind: 0, behindMs: 0 });
  });
});

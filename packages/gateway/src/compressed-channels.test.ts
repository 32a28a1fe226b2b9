// Compressed channels over real sockets, read by a WebSocket client that knows nothing of us.

import { describe, expect, it } from 'vitest';
import type { ChannelShapes } from '@telltale/protocol';
import { stream } from './channels/definition.ts';
import { eventually, type PlainClient } from './testing/plain-client.ts';
import { startGateway } from './testing/start-gateway.ts';

const everybody = (): boolean => true;
const channels = {
  metrics: stream('metrics/:agent', { read: everybody, compress: true, first: { last: 500 } }),
  log: stream('log/:name', { read: everybody, write: everybody }),
} as ChannelShapes;

const batch = (count: number): { data: object }[] =>
  Array.from({ length: count }, (_, index) => ({
    data: { at: 1_764_126_000_000 + index, cpu: index / 7, load: [1, 2] },
  }));

async function readerOf(client: PlainClient): Promise<PlainClient> {
  await client.opened();
  await client.welcome();
  await client.subscribe('metrics/web-1');
  return client;
}

describe('[CMP2] viewers of a compressed channel', () => {
  it('[CMP1] [CMP3] get the same messages, compressed or not, live and as history, in a third of the bytes', async () => {
    await using started = await startGateway({ channels });
    const { gateway } = started;
    await gateway.publishBatch('metrics/web-1' as never, batch(400) as never);
    const [inflates, plain] = await Promise.all([
      readerOf(started.connect('/ws/')),
      readerOf(started.connect('/ws/', { perMessageDeflate: false })),
    ]);
    expect(inflates.socket.extensions).toBe('permessage-deflate');
    expect(plain.socket.extensions).toBe('');
    const history = await Promise.all([inflates.read('metrics/web-1'), plain.read('metrics/web-1')]);
    expect(history[0].messages).toHaveLength(400);
    expect(history[0].messages).toEqual(history[1].messages);
    await gateway.publishBatch('metrics/web-1' as never, batch(30) as never);
    const live = await Promise.all([inflates.read('metrics/web-1'), plain.read('metrics/web-1')]);
    expect(live[0]).toEqual(live[1]);
    const [small = 0, large = 0] = [...gateway.sessions()].map(({ sentBytes }) => sentBytes).sort((a, b) => a - b);
    expect(small / large).toBeLessThan(0.35);
  });

  it('get each frame in its order, answers and pings among them, while they publish compressed themselves', async () => {
    await using started = await startGateway({ channels, flushMs: 0 });
    const client = await readerOf(started.connect('/ws/', { perMessageDeflate: { threshold: 0 } }));
    await client.subscribe('log/a');
    const offsets: number[] = [];
    const others: string[] = [];
    client.socket.on('message', (data: Buffer) => {
      const frame = JSON.parse(data.toString()) as { type: string; channel?: string; messages?: { offset: number }[] };
      if (frame.channel === 'metrics/web-1') offsets.push(...(frame.messages ?? []).map(({ offset }) => offset));
      else others.push(frame.type);
    });
    for (let round = 0; round < 50; round++) {
      await Promise.all([
        started.gateway.publishBatch('metrics/web-1' as never, batch(round % 5 === 0 ? 200 : 1) as never),
        client.request({ type: 'publish', channel: 'log/a', data: 'x'.repeat(round * 40) }),
      ]);
    }
    await eventually('all offsets', () => offsets.length === 10 * 200 + 40);
    expect(offsets).toEqual(offsets.map((_, index) => index + 1));
    expect(others.filter((type) => type === 'result')).toHaveLength(50);
    expect(others).not.toContain('error');
  });
});

it('[CMP3] what is compressed is not overtaken by the end of its session', async () => {
  await using started = await startGateway({ channels });
  const client = await readerOf(started.connect('/ws/'));
  await client.read('metrics/web-1');
  await started.gateway.publishBatch('metrics/web-1' as never, batch(100) as never);
  // What waits for its flush leaves before the close frame, which the library writes.
  await started.gateway.stop({ returnWindowMs: 0 });
  expect((await client.read('metrics/web-1')).messages).toHaveLength(100);
  expect(await client.closed).toMatchObject({ code: 1012 });
});

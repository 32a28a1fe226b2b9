// A table kept equal to rows in memory, on a real gateway: paced, and whole again after its log was taken.

import { createGateway, type Gateway, table } from '@telltale/gateway';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { AgentRow } from './api.ts';
import type { HubChannels } from './channels.ts';
import { LiveTable } from './live-table.ts';

const row = (title: string): AgentRow => ({ agent: 'x', title }) as AgentRow;
const quiet = { debug() {}, info() {}, warn() {}, error() {} };

function start(everyMs: number, logBytes = 64 * 1024 * 1024, options: { mostPerTick?: number } = {}) {
  const clock = { now: 0 };
  const channels = { agents: table('agents'), filler: table('agents/:agent', { retention: { bytes: 1e9 } }) };
  const gateway = createGateway({ channels, limits: { logBytes } }) as unknown as Gateway<HubChannels>;
  onTestFinished(() => gateway.stop());
  const live = new LiveTable({
    gateway: () => gateway,
    channel: 'agents',
    everyMs,
    log: quiet,
    now: () => clock.now,
    ...options,
  });
  /** The rows as a reader finds them, once what was published has been appended. */
  const shown = async (): Promise<readonly unknown[]> => {
    await new Promise((resolve) => setImmediate(resolve));
    const { messages } = await gateway.read('agents');
    return messages.map(({ key, data }) => [key, (data as AgentRow | null)?.title ?? null]);
  };
  return { gateway, live, clock, shown };
}

describe('a live table', () => {
  it('is not held up by a row that its channel does not take', async () => {
    const { live, clock, shown } = start(1000);
    live.put('a', row('1'));
    live.put('large', row('x'.repeat(300_000)));
    await shown();
    for (const title of ['2', '3']) live.put('a', row(title));
    live.put('b', row('1'));
    await shown();
    live.put('b', row('2'));
    for (let n = 0; n < 3; n++) {
      clock.now += 1000;
      live.tick();
      await shown();
    }
    expect(await shown()).toEqual([
      ['a', '3'],
      ['b', '2'],
    ]);
  });

  it('publishes a row at once, and its next ones when their turn has come', async () => {
    const { live, clock, shown } = start(1000);
    live.put('a', row('1'));
    live.put('a', row('2'));
    live.put('b', row('1'));
    live.tick();
    expect(await shown()).toEqual([
      ['a', '1'],
      ['b', '1'],
    ]);
    live.put('a', row('3'));
    clock.now = 1000;
    live.tick();
    expect(await shown()).toEqual([
      ['b', '1'],
      ['a', '3'],
    ]);
  });

  it('removes a row at once, also one that waits for its turn', async () => {
    const { live, clock, shown } = start(1000);
    live.put('a', row('1'));
    live.put('a', row('2'));
    live.remove('a');
    live.remove('a');
    clock.now = 1000;
    live.tick();
    expect(await shown()).toEqual([['a', null]]);
    expect(live.get('a')).toBeUndefined();
  });

  it('is whole again when the budget of all logs took it and somebody comes, or one row changes', async () => {
    const { gateway, live, shown } = start(0, 64 * 1024);
    const evict = async (): Promise<void> => {
      // Others fill the memory until the table, which nobody reads, has to go.
      for (let count = 0; count < 10; count++) {
        await gateway.publish(`agents/f${count}`, row('x'.repeat(200_000)), { key: 'k' });
      }
      expect((await gateway.read('agents')).position).toBeNull();
    };
    const both = [
      ['a', '1'],
      ['b', '1'],
    ];
    live.put('a', row('1'));
    live.put('b', row('1'));
    expect(await shown()).toEqual(both);
    await evict();
    await live.restore();
    expect(await shown()).toEqual(both);
    await evict();
    live.put('b', row('2'));
    await shown();
    expect(await shown()).toEqual(
      expect.arrayContaining([
        ['a', '1'],
        ['b', '2'],
      ]),
    );
    await live.restore();
    expect(await shown()).toHaveLength(2);
  });

  it('that strangers set in motion publishes a bounded number of rows at each tick, and in the end all as they are', async () => {
    const { live, clock, shown } = start(1000, undefined, { mostPerTick: 2 });
    for (const key of ['a', 'b', 'c', 'd', 'e']) live.put(key, row('1'));
    live.remove('b');
    expect(await shown(), 'nothing at once').toEqual([]);
    live.tick();
    expect(await shown()).toEqual([
      ['a', '1'],
      ['c', '1'],
    ]);
    live.put('a', row('2'));
    live.remove('c');
    live.tick();
    expect(await shown(), 'who waits longest comes first').toEqual([
      ['a', '1'],
      ['c', '1'],
      ['d', '1'],
      ['e', '1'],
    ]);
    live.tick();
    expect(await shown(), 'a row that was told has to wait, a removal does not').toEqual([
      ['a', '1'],
      ['d', '1'],
      ['e', '1'],
      ['c', null],
    ]);
    clock.now += 1000;
    live.tick();
    expect(await shown()).toEqual([
      ['d', '1'],
      ['e', '1'],
      ['c', null],
      ['a', '2'],
    ]);
  });
});

import { describe, expect, it } from 'vitest';
import { handDelivery } from '../testing/hand-delivery.ts';
import { HandReader } from '../testing/hand-reader.ts';
import { isLongRun, randomFrom, testSeed } from '../testing/random.ts';
import type { Subscription } from './subscription.ts';

// In the long test this takes its time.
describe('viewers of all kinds', { timeout: 180_000 }, () => {
  it(`[SUB9] [RES2] [RES3] [LOG3] whoever comes, goes, stalls and returns holds exactly what there is (seed ${testSeed})`, () => {
    for (let run = 0; run < (isLongRun ? 2000 : 60); run++) {
      simulate(randomFrom(testSeed + run), `seed ${testSeed} run ${run}`);
    }
  });
});

/** Random appends, viewers that come, go, resume, stall and return; then quiet. Every viewer must end exactly right. */
function simulate(random: () => number, label: string): void {
  const { clock, broker, subscribe, publish, delivery, channel } = handDelivery({ count: 40, bytes: 200_000 });
  const viewers = ['s/a', 't/a', 's/a', 't/a'].map((name) => ({
    name,
    reader: new HandReader(),
    subscription: undefined as Subscription | undefined,
  }));
  const published: unknown[] = [];
  for (let step = 0; step < 400; step++) {
    const fate = random();
    const viewer = viewers[Math.floor(random() * viewers.length)] as (typeof viewers)[number];
    if (fate < 0.5) {
      const size = random() < 0.05 ? 30_000 : random() * 200;
      const isRemoval = random() < 0.2;
      if (random() < 0.5) {
        published.push(step);
        publish('s/a', { step, pad: 'x'.repeat(size) });
      } else publish('t/a', isRemoval ? null : { step, pad: 'x'.repeat(size) }, `k${Math.floor(random() * 6)}`);
    } else if (fate < 0.7) {
      viewer.reader.transport.isSlow = random() < 0.5;
      clock.advance(random() * 30);
    } else if (fate < 0.8) {
      viewer.reader.transport.isCongested = !viewer.reader.transport.isCongested;
      viewer.reader.transport.windowBytes = random() < 0.5 ? 2_000 : Infinity;
      viewer.reader.transport.unansweredBytes = 0;
      delivery.resume(viewer.reader);
    } else if (viewer.subscription === undefined) {
      const { position } = viewer.reader.view;
      viewer.subscription = subscribe(
        viewer.reader,
        viewer.name,
        random() < 0.8 && position !== null ? position : undefined,
      );
    } else {
      delivery.unsubscribe(viewer.subscription);
      viewer.subscription = undefined;
      // A read broken off is no position of a whole table: a client that has not swapped asks anew.
      if (!viewer.reader.view.isComplete) viewer.reader.view.position = null;
    }
  }
  for (const viewer of viewers) {
    viewer.reader.transport.isCongested = false;
    viewer.reader.transport.windowBytes = Infinity;
    viewer.subscription ??= subscribe(viewer.reader, viewer.name, viewer.reader.view.position ?? undefined);
    delivery.resume(viewer.reader);
  }
  for (let round = 0; round < 50; round++) clock.advance(20);

  expect(delivery.figures.behind, label).toBe(0);
  for (const { name, reader } of viewers) {
    expect(reader.view.faults, `${label} ${name}`).toEqual([]);
    const following = broker.follow(name, channel(name).bounds, () => {});
    const { log } = following;
    following.release();
    if (log === undefined) continue;
    expect(reader.view.position, `${label} ${name}`).toEqual(log.position);
    if (name.startsWith('t/')) {
      const truth = new Map<string, unknown>();
      for (const entry of log.after(0)) {
        if (!entry.isTombstone)
          truth.set(entry.key as string, (JSON.parse(entry.bytes.toString()) as { data: unknown }).data);
      }
      expect(reader.view.rows, `${label} ${name}`).toEqual(truth);
    } else {
      // Every offset was either received or reported missing, once.
      const seen = new Set(reader.view.messages.map(({ offset }) => offset));
      const missed = reader.view.missed.flatMap(({ from, to }) =>
        Array.from({ length: to - from + 1 }, (_, n) => from + n),
      );
      expect(
        missed.filter((offset) => seen.has(offset)),
        `${label} ${name}`,
      ).toEqual([]);
      expect(seen.size, `${label} ${name}`).toBe(reader.view.messages.length);
      const first = Math.min(...seen, ...missed);
      if (Number.isFinite(first)) expect(seen.size + missed.length, `${label} ${name}`).toBe(log.head - first + 1);
    }
  }
}

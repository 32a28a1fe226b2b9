// How old what a slow viewer sees becomes, by the clock: the shipped delivery and window against a peer that reads so many
// bytes a second and answers each ping when it has read up to it.

import type { ServerFrame } from '@telltale/protocol';
import { describe, expect, it } from 'vitest';
import { handDelivery } from '../testing/hand-delivery.ts';
import { readFrame } from '../testing/hand-reader.ts';
import type { ManualClock } from '../testing/manual-clock.ts';
import { isLongRun, randomFrom, testSeed } from '../testing/random.ts';
import type { Reader } from './subscription.ts';
import { SendWindow } from './send-window.ts';
import type { Transport } from './transport.ts';

class SlowLine implements Transport {
  readonly inflates = false;
  readonly joins = false;
  readonly #clock: ManualClock;
  readonly #bytesPerMs: number;
  readonly #window: SendWindow;
  readonly #onWay: { readonly bytes: number; readonly frame?: Buffer; readonly ping?: number }[] = [];
  #allowed = 0;
  #wasCongested = false;

  constructor(clock: ManualClock, bytesPerSecond: number) {
    this.#clock = clock;
    this.#bytesPerMs = bytesPerSecond / 1000;
    this.#window = new SendWindow(clock.monotonic());
  }

  get isCongested(): boolean {
    if (this.#window.isFull) this.#wasCongested = true;
    return this.#window.isFull;
  }

  get isSlow(): boolean {
    return this.#window.isSmallest;
  }

  get unansweredBytes(): number {
    return this.#window.unanswered;
  }

  send(frames: readonly Buffer[]): void {
    let bytes = 0;
    for (const frame of frames) {
      this.#onWay.push({ bytes: frame.length, frame });
      bytes += frame.length;
    }
    const now = this.#clock.monotonic();
    if (this.#window.wrote(bytes, now)) this.#onWay.push({ bytes: 6, ping: this.#window.ping(now) });
  }

  /** Lets the peer read for so long. Answers whether who waited for its answers may go on. */
  read(ms: number, take: (frame: ServerFrame) => void): boolean {
    this.#allowed += ms * this.#bytesPerMs;
    for (let next = this.#onWay[0]; next !== undefined && this.#allowed >= next.bytes; next = this.#onWay[0]) {
      this.#onWay.shift();
      this.#allowed -= next.bytes;
      if (next.frame !== undefined) take(readFrame(next.frame));
      if (next.ping !== undefined) this.#window.answered(next.ping, this.#clock.monotonic());
    }
    if (!this.#wasCongested || this.isCongested) return false;
    this.#wasCongested = false;
    return true;
  }
}

/** The age, in milliseconds, of the oldest row when a newer one took its place, in a minute of busy channels. */
function oldestShown({ keys, size, random }: { keys: number; size: number; random: () => number }): number {
  const { clock, publish, delivery, subscribe } = handDelivery({ count: 1000, bytes: 64e6 });
  const line = new SlowLine(clock, 10_000);
  const reader: Reader = {
    transport: line,
    catchingUp: [],
    wasServedStream: false,
    isQueued: false,
    outgoing: undefined,
    sentMessages: 0,
  };
  for (const name of ['s/a', 't/a']) subscribe(reader, name);
  const shown = new Map<string, number>();
  let oldest = 0;
  const take = (frame: ServerFrame): void => {
    if (frame.type !== 'messages') return;
    for (const { key, data } of frame.messages) {
      if (key === undefined) continue;
      oldest = Math.max(oldest, clock.monotonic() - (shown.get(key) ?? Infinity));
      shown.set(key, (data as { at: number }).at);
    }
  };
  const text = 'x'.repeat(size);
  const pace = 150 + 40 * random();
  let owed = 0;
  for (let ms = 0, n = 0; ms < 60_000; ms += 5) {
    // Unevenly, as a busy machine does: which rows have just changed when a viewer is served is chance.
    owed += (pace / 200) * (random() < 0.02 ? 6 : 0.9);
    for (; owed >= 1; owed--, n++) {
      const data = { at: clock.monotonic(), text };
      publish('s/a', data);
      publish('t/a', data, `k${n % keys}`);
    }
    clock.advance(5);
    if (line.read(5, take)) delivery.resume(reader);
  }
  expect(shown.size).toBe(keys);
  return oldest;
}

describe('[DLV3] a viewer that reads 10 kB/s, beside a stream that would take all of it', { timeout: 180_000 }, () => {
  const runs = isLongRun ? 40 : 10;

  it.each([
    [20, 930],
    [100, 200],
  ])(`sees no row of %i that is older than 15 s (seed ${testSeed})`, (keys, size) => {
    for (let run = 0; run < runs; run++) {
      const seed = testSeed + run;
      expect(oldestShown({ keys, size, random: randomFrom(seed) }), `seed ${seed}`).toBeLessThan(15_000);
    }
  });
});

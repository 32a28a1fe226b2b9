// Who cannot keep up costs nothing but its own lateness: the quick viewers' delays stay what they are, what waits for a
// slow one stays within its window, tables are never old, and streams lose nothing but what an exact gap tells. Gateway and
// viewers are processes of their own; the viewers read by bare sockets, since only so a pong comes when it was really read.

import { existsSync, readFileSync } from 'node:fs';
import { availableParallelism, loadavg } from 'node:os';
import type { GatewayFigures } from '@telltale/gateway';
import { expect, it } from 'vitest';
import { isLongRun, testSeed } from '../packages/gateway/src/testing/random.ts';
import { type AskedChild, startChild } from './support/ask-child.ts';

/** Largest window, what of a burst is on its way when it fills, and the frame that goes beyond (DLV2). */
const windowBytes = (512 + 128 + 64) * 1024;
/** How old a table value may be on the screen of a viewer that reads at all; the short one runs beside other tests. */
const oldestShownMs = isLongRun ? 15_000 : 60_000;

/** How many times as long the quick ones' p99 may be beside the others. */
const worstRatio = 1.3;

const shape = isLongRun
  ? { channels: 10, keys: 20, retained: 1000, quick: 400, slow: 300, stalled: 300, restless: 200, beside: 50 }
  : { channels: 2, keys: 10, retained: 200, quick: 20, slow: 15, stalled: 15, restless: 20, beside: 5 };
// The short run is over before 10 kB/s has emptied a single window.
const pace = isLongRun
  ? { slowBytes: 10_000, kilobytesPerSecond: 3400 }
  : { slowBytes: 60_000, kilobytesPerSecond: 900 };
const seconds = isLongRun ? { alone: 20, together: 60, restless: 60 } : { alone: 1, together: 3, restless: 2.5 };

interface Held {
  readonly last: number;
  readonly streamed: number;
  readonly missed: number;
  readonly oldestShownMs: number;
  readonly faults: readonly string[];
  readonly rows: readonly (readonly [string, number])[];
}

interface Delays {
  readonly count: number;
  readonly p50: number;
  readonly p99: number;
  readonly p999: number;
}

interface Published {
  readonly heads: Readonly<Record<string, number>>;
  readonly newest: Readonly<Record<string, Readonly<Record<string, number>>>>;
}

interface Seen {
  readonly peaks: { readonly rss: number; readonly unanswered: Readonly<Record<string, number>> };
  readonly unanswered: number;
  readonly figures: GatewayFigures;
  readonly loopP99: number;
  readonly cpuMs: number;
}

const megabytes = (bytes: number): string => `${(bytes / 2 ** 20).toFixed(1)} MiB`;
const load = (): string => `load ${loadavg()[0]?.toFixed(1)} on ${availableParallelism()} cores`;

async function startGateway(): Promise<{ gateway: AskedChild; viewersOf: () => Promise<AskedChild> }> {
  const gateway = await startChild('falling-behind.gateway.mjs', shape);
  const port = await gateway.ask<number>('port');
  return { gateway, viewersOf: () => startChild('falling-behind.viewers.mjs', { port, channels: shape.channels }) };
}

const publish = (gateway: AskedChild, forSeconds: number): Promise<Published> =>
  gateway.ask(
    'publish',
    { kilobytes: Math.round(pace.kilobytesPerSecond * forSeconds), seconds: forSeconds },
    forSeconds * 3000 + 30_000,
  );

/** Bytes the kernel holds for connections of a port, on the way out and on the way in; undefined where it does not say. */
function kernelBytes(port: number): number | undefined {
  if (!existsSync('/proc/net/tcp')) return undefined;
  const name = `:${port.toString(16).toUpperCase().padStart(4, '0')}`;
  let bytes = 0;
  for (const line of readFileSync('/proc/net/tcp', 'utf8').split('\n').slice(1)) {
    const [, local, remote, , queues] = line.trim().split(/\s+/);
    const [sent = '0', received = '0'] = (queues ?? '').split(':');
    if (local?.endsWith(name)) bytes += parseInt(sent, 16);
    if (remote?.endsWith(name)) bytes += parseInt(received, 16);
  }
  return bytes;
}

/** Each holds the newest of its table, and of its stream each message or the gap that tells of it. */
function expectRight(held: readonly Held[], { heads, newest }: Published): void {
  for (const [index, { last, rows, faults }] of held.entries()) {
    const channel = index % shape.channels;
    expect(faults).toEqual([]);
    expect(last).toBe(heads[`s/${channel}`]);
    expect(Object.fromEntries(rows)).toEqual(newest[`t/${channel}`]);
  }
}

/** What waits for viewers is at most their windows, and what the kernel holds is part of what is known to be unanswered. */
function expectWithinWindows(found: { inKernel: number | undefined; unanswered: number; viewers: number }): void {
  const { inKernel, unanswered, viewers } = found;
  // Pings are not counted, nor the hundred bytes of a handshake.
  if (inKernel !== undefined) expect(inKernel).toBeLessThanOrEqual(unanswered + viewers * 500);
  expect(unanswered).toBeLessThanOrEqual(viewers * windowBytes);
}

const readOn = (viewers: AskedChild, { heads }: Published): Promise<Held[]> =>
  viewers.ask('readOn', { heads, withinMs: 60_000 }, 70_000);

it(
  `[DLV2] [DLV3] [RES3] ${shape.stalled} viewers that do not read and ${shape.slow} that read slowly cost their window, and nobody else anything`,
  async () => {
    const { gateway, viewersOf } = await startGateway();
    await using theGateway = gateway;
    await using quick = await viewersOf();
    const port = await theGateway.ask<number>('port');
    await quick.ask('open', { kind: 'quick', count: shape.quick });
    await publish(gateway, 1);
    await quick.ask<Delays>('delays');
    const calm = await gateway.ask<Seen>('seen');

    await publish(gateway, seconds.alone);
    const alone = await quick.ask<Delays>('delays');

    await using slow = await viewersOf();
    await using stalled = await viewersOf();
    await slow.ask('open', { kind: 'slow', count: shape.slow, bytesPerSecond: pace.slowBytes });
    await stalled.ask('open', { kind: 'stalled', count: shape.stalled });
    await gateway.ask<Seen>('seen');
    await quick.ask<Delays>('delays');
    await slow.ask('expectNews');
    const published = await publish(gateway, seconds.together);
    const together = await quick.ask<Delays>('delays');
    const inKernel = kernelBytes(port);
    const { peaks, unanswered, figures, loopP99 } = await gateway.ask<Seen>('seen');

    const [fastHeld, slowHeld, stalledHeld] = [
      await readOn(quick, published),
      await readOn(slow, published),
      await readOn(stalled, published),
    ] as const;
    const oldest = Math.max(...slowHeld.map((held) => held.oldestShownMs));
    console.log(
      `${shape.quick} quick, ${shape.slow} slow, ${shape.stalled} stalled (${load()}):\n` +
        `  delays of the quick alone p50 ${alone.p50} p99 ${alone.p99} p99.9 ${alone.p999} ms, ` +
        `with the others p50 ${together.p50} p99 ${together.p99} p99.9 ${together.p999} ms; loop p99 ${loopP99.toFixed(1)} ms\n` +
        `  unanswered at most ${JSON.stringify(peaks.unanswered)}, in all ${megabytes(unanswered)}, ` +
        `in the kernel ${inKernel === undefined ? 'unknown' : megabytes(inKernel)}, process grew ${megabytes(peaks.rss - calm.peaks.rss)}\n` +
        `  oldest table value shown ${Math.round(oldest)} ms; ${figures.gaps} gaps told, ` +
        `${figures.catchUpFrames} catch-up frames, ${figures.catchUpShared} of them shared`,
    );

    for (const held of [fastHeld, slowHeld, stalledHeld]) expectRight(held, published);
    expect(await gateway.ask('faults')).toEqual([]);
    // The quick ones are told of no gap where the machine lets them be quick, and the others are: else nothing was tried.
    if (isLongRun) expect(fastHeld.reduce((sum, { missed }) => sum + missed, 0)).toBe(0);
    for (const held of [slowHeld, stalledHeld])
      expect(Math.max(...held.map(({ missed }) => missed))).toBeGreaterThan(0);
    for (const held of slowHeld) expect(held.streamed).toBeGreaterThan(0);
    for (const kind of ['quick', 'slow', 'stalled']) expect(peaks.unanswered[kind]).toBeLessThanOrEqual(windowBytes);
    expect(oldest).toBeLessThanOrEqual(oldestShownMs);
    expectWithinWindows({ inKernel, unanswered, viewers: shape.slow + shape.stalled });
    // Logs and what is made of them, the windows, and what a garbage collector leaves lying about.
    const logBytes = shape.channels * (shape.retained + shape.keys) * 1100;
    expect(peaks.rss - calm.peaks.rss).toBeLessThan(4 * logBytes + unanswered + 150 * 2 ** 20);
    if (isLongRun) expect(together.p99 / alone.p99).toBeLessThanOrEqual(worstRatio);
  },
  isLongRun ? 400_000 : 60_000,
);

it(
  `[DLV2] [DLV3] [RES3] ${shape.restless} viewers that stall and recover at random lose nothing in silence, nor do ${shape.beside} quick ones beside them (seed ${testSeed})`,
  async () => {
    const { gateway, viewersOf } = await startGateway();
    await using theGateway = gateway;
    await using quick = await viewersOf();
    const port = await gateway.ask<number>('port');
    await quick.ask('open', { kind: 'quick', count: shape.beside });
    await publish(gateway, 1);
    await quick.ask<Delays>('delays');
    await publish(gateway, seconds.alone);
    const alone = await quick.ask<Delays>('delays');
    await using viewers = await viewersOf();
    const stallMs = isLongRun ? 4000 : 500;
    await viewers.ask('open', {
      kind: 'restless',
      count: shape.restless,
      bytesPerSecond: pace.slowBytes,
      seed: testSeed,
      stallMs,
    });
    const calm = await gateway.ask<Seen>('seen');
    await quick.ask<Delays>('delays');
    await viewers.ask('expectNews');
    const published = await publish(theGateway, seconds.restless);
    const together = await quick.ask<Delays>('delays');
    const inKernel = kernelBytes(port);
    const { figures, peaks, unanswered } = await gateway.ask<Seen>('seen');
    const quickHeld = await readOn(quick, published);
    const held = await readOn(viewers, published);
    const oldest = Math.max(...held.map((one) => one.oldestShownMs));
    // Each first read is a catch-up too.
    const fellBehind = figures.fellBehind - calm.figures.fellBehind;
    const catchUps = figures.catchUps - calm.figures.catchUps;
    console.log(
      `${shape.restless} restless viewers, seed ${testSeed} (${load()}): left behind ${fellBehind} times, ` +
        `caught up ${catchUps} times, ${figures.gaps} gaps told\n` +
        `  delays of ${shape.beside} quick ones alone p50 ${alone.p50} p99 ${alone.p99} ms, ` +
        `with the others p50 ${together.p50} p99 ${together.p99} ms; oldest table value shown ${Math.round(oldest)} ms\n` +
        `  unanswered at most ${JSON.stringify(peaks.unanswered)}, in all ${megabytes(unanswered)}, ` +
        `in the kernel ${inKernel === undefined ? 'unknown' : megabytes(inKernel)}`,
    );
    for (const each of [quickHeld, held]) expectRight(each, published);
    expect(await gateway.ask('faults')).toEqual([]);
    if (isLongRun) expect(quickHeld.reduce((sum, { missed }) => sum + missed, 0)).toBe(0);
    expect(oldest).toBeLessThanOrEqual(oldestShownMs);
    for (const kind of ['quick', 'restless']) expect(peaks.unanswered[kind]).toBeLessThanOrEqual(windowBytes);
    expectWithinWindows({ inKernel, unanswered, viewers: shape.restless + shape.beside });
    if (isLongRun) expect(together.p99 / alone.p99).toBeLessThanOrEqual(worstRatio);
    // Or else nobody stalled, or nobody recovered.
    expect(fellBehind).toBeGreaterThan(shape.restless / 2);
    expect(catchUps).toBeGreaterThan(shape.restless / 2);
  },
  isLongRun ? 200_000 : 60_000,
);

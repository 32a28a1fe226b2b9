// What `/metrics` shows to Prometheus: the gateway's figures and the event loop's delay. Labels come from the protocol's
// own tables only, so the number of series has a bound whoever connects.

import { monitorEventLoopDelay } from 'node:perf_hooks';
import type { GatewayFigures } from '@telltale/gateway';
import { codes, type RefusalName, refusals } from '@telltale/protocol';
import { Counter, Gauge, Registry } from 'prom-client';

export interface Metrics {
  readonly contentType: string;
  /** The exposition text. */
  text(): Promise<string>;
  /** Delay of the event loop since the last call of this kind, in milliseconds. */
  loopDelay(): { readonly p99: number; readonly max: number };
  stop(): void;
}

const gauges: readonly [keyof GatewayFigures & ('sessions' | 'behind' | 'logs' | 'logBytes'), string, string][] = [
  ['sessions', 'telltale_sessions', 'Sessions open now'],
  ['behind', 'telltale_subscriptions_behind', 'Subscriptions that are behind the head of their log now'],
  ['logs', 'telltale_logs', 'Channel logs held now'],
  ['logBytes', 'telltale_log_bytes', 'Bytes held by channel logs now'],
];

const counters: readonly [
  keyof GatewayFigures &
    (
      | 'attempts'
      | 'messagesIn'
      | 'messagesOut'
      | 'bytesIn'
      | 'bytesOut'
      | 'flushes'
      | 'joined'
      | 'catchUpFrames'
      | 'evictions'
    ),
  string,
  string,
][] = [
  ['attempts', 'telltale_attempts_total', 'Attempts to connect'],
  ['messagesIn', 'telltale_messages_in_total', 'Messages appended to logs'],
  ['messagesOut', 'telltale_messages_out_total', 'Messages delivered to sessions'],
  ['bytesIn', 'telltale_bytes_in_total', 'Bytes received from sessions'],
  ['bytesOut', 'telltale_bytes_out_total', 'Bytes sent to sessions'],
  ['flushes', 'telltale_flushes_total', 'Flushes of the delivery clock'],
  ['joined', 'telltale_joined_total', 'Messages that shared a frame with an earlier one'],
  ['catchUpFrames', 'telltale_catch_up_frames_total', 'Frames sent to subscriptions that were behind'],
  ['evictions', 'telltale_evictions_total', 'Logs dropped for the sake of the shared budget'],
];

const resolutionMs = 10;

/** Milliseconds of delay: the histogram counts its timer's own interval as well. */
function beyondTimer(nanoseconds: number): number {
  return Math.max(0, nanoseconds / 1e6 - resolutionMs);
}

export function createMetrics(figures: () => GatewayFigures): Metrics {
  const registry = new Registry();
  const registers = [registry];
  // Two histograms: reading one for the agent must not empty the other.
  const scraped = monitorEventLoopDelay({ resolution: resolutionMs });
  const sampled = monitorEventLoopDelay({ resolution: resolutionMs });
  scraped.enable();
  sampled.enable();

  for (const [key, name, help] of gauges) {
    const gauge: Gauge = new Gauge({ name, help, registers, collect: () => gauge.set(figures()[key]) });
  }
  for (const [key, name, help] of counters) {
    const counter: Counter = new Counter({
      name,
      help,
      registers,
      collect: () => {
        counter.reset();
        counter.inc(figures()[key]);
      },
    });
  }
  const refused: Counter<'code' | 'name'> = new Counter({
    name: 'telltale_refusals_total',
    help: 'Attempts refused, by code and name',
    labelNames: ['code', 'name'],
    registers,
    collect: () => {
      refused.reset();
      for (const [name, count] of Object.entries(figures().refusals)) {
        const { code } = refusals[name as RefusalName] ?? {};
        if (code !== undefined) refused.inc({ code, name }, count);
      }
    },
  });
  const ended: Counter<'code'> = new Counter({
    name: 'telltale_ends_total',
    help: 'Sessions ended, by code',
    labelNames: ['code'],
    registers,
    collect: () => {
      ended.reset();
      // A client may close with any code; only those of the table get a series of their own.
      for (const [code, count] of Object.entries(figures().ends))
        ended.inc({ code: code in codes ? code : 'other' }, count);
    },
  });
  const delay: Gauge<'quantile'> = new Gauge({
    name: 'telltale_event_loop_delay_seconds',
    help: 'Delay of the event loop since the last scrape',
    labelNames: ['quantile'],
    registers,
    collect: () => {
      delay.set({ quantile: '0.5' }, beyondTimer(scraped.percentile(50)) / 1e3);
      delay.set({ quantile: '0.99' }, beyondTimer(scraped.percentile(99)) / 1e3);
      delay.set({ quantile: '1' }, beyondTimer(scraped.max) / 1e3);
      scraped.reset();
    },
  });
  const memory: Gauge = new Gauge({
    name: 'process_resident_memory_bytes',
    help: 'Resident memory of the hub',
    registers,
    collect: () => memory.set(process.memoryUsage.rss()),
  });
  return {
    contentType: registry.contentType,
    text: () => registry.metrics(),
    loopDelay() {
      const delays = { p99: beyondTimer(sampled.percentile(99)), max: beyondTimer(sampled.max) };
      sampled.reset();
      return delays;
    },
    stop() {
      scraped.disable();
      sampled.disable();
      registry.clear();
    },
  };
}

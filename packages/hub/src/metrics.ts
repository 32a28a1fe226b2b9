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

type Figure = { [Key in keyof GatewayFigures]: GatewayFigures[Key] extends number ? Key : never }[keyof GatewayFigures];

interface Shown {
  readonly figure: Figure;
  readonly name: string;
  readonly help: string;
  /** What the figure is multiplied with; Prometheus wants seconds. Default 1. */
  readonly scale?: number;
}

const gauges: readonly Shown[] = [
  { figure: 'sessions', name: 'telltale_sessions', help: 'Sessions open now' },
  { figure: 'behind', name: 'telltale_subscriptions_behind', help: 'Subscriptions behind the head of their log now' },
  {
    figure: 'sessionsBehind',
    name: 'telltale_sessions_behind',
    help: 'Sessions with a subscription that is behind now',
  },
  {
    figure: 'behindMs',
    name: 'telltale_behind_seconds',
    help: 'For how long the subscription that has been behind the longest is; 0 where none is',
    scale: 1e-3,
  },
  { figure: 'unansweredBytes', name: 'telltale_unanswered_bytes', help: 'Bytes sent to sessions and not yet answered' },
  { figure: 'logs', name: 'telltale_logs', help: 'Channel logs held now' },
  { figure: 'logBytes', name: 'telltale_log_bytes', help: 'Bytes held by channel logs now' },
];

const counters: readonly Shown[] = [
  { figure: 'attempts', name: 'telltale_attempts_total', help: 'Attempts to connect' },
  {
    figure: 'left',
    name: 'telltale_left_total',
    help: 'Attempts that would have been admitted, had their peers not left before',
  },
  { figure: 'messagesIn', name: 'telltale_messages_in_total', help: 'Messages appended to logs' },
  { figure: 'messagesOut', name: 'telltale_messages_out_total', help: 'Messages delivered to sessions' },
  { figure: 'writes', name: 'telltale_message_writes_total', help: 'Writes to sessions that carried messages' },
  { figure: 'bytesIn', name: 'telltale_bytes_in_total', help: 'Bytes received from sessions' },
  { figure: 'bytesOut', name: 'telltale_bytes_out_total', help: 'Bytes sent to sessions' },
  { figure: 'flushes', name: 'telltale_flushes_total', help: 'Flushes of the delivery clock' },
  { figure: 'joined', name: 'telltale_joined_total', help: 'Messages that shared a frame with an earlier one' },
  { figure: 'fellBehind', name: 'telltale_fell_behind_total', help: 'Subscriptions that were left behind while live' },
  { figure: 'catchUps', name: 'telltale_catch_ups_total', help: 'Reads from an older cursor that came to the head' },
  { figure: 'catchUpFrames', name: 'telltale_catch_up_frames_total', help: 'Frames sent to subscriptions behind' },
  {
    figure: 'catchUpShared',
    name: 'telltale_catch_up_frames_shared_total',
    help: 'Frames sent to subscriptions behind that had been made for another one',
  },
  { figure: 'gaps', name: 'telltale_gaps_total', help: 'Gaps told to subscriptions' },
  { figure: 'gapMessages', name: 'telltale_gap_messages_total', help: 'Messages that were told to be gone' },
  { figure: 'evictions', name: 'telltale_evictions_total', help: 'Logs dropped for the sake of the shared budget' },
];

const resolutionMs = 10;

/** Milliseconds of delay: the histogram counts its timer's own interval as well. */
function beyondTimer(nanoseconds: number): number {
  return Math.max(0, nanoseconds / 1e6 - resolutionMs);
}

/** @param read the gateway's figures, read once per exposition: it looks at every session */
export function createMetrics(read: () => GatewayFigures): Metrics {
  let figures = read();
  const registry = new Registry();
  const registers = [registry];
  // Two histograms: reading one for the agent must not empty the other.
  const scraped = monitorEventLoopDelay({ resolution: resolutionMs });
  const sampled = monitorEventLoopDelay({ resolution: resolutionMs });
  scraped.enable();
  sampled.enable();

  for (const { figure, name, help, scale = 1 } of gauges) {
    const gauge: Gauge = new Gauge({ name, help, registers, collect: () => gauge.set(figures[figure] * scale) });
  }
  for (const { figure, name, help } of counters) {
    const counter: Counter = new Counter({
      name,
      help,
      registers,
      collect: () => {
        counter.reset();
        counter.inc(figures[figure]);
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
      for (const [name, count] of Object.entries(figures.refusals)) {
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
      for (const [code, count] of Object.entries(figures.ends))
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
    text() {
      figures = read();
      return registry.metrics();
    },
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

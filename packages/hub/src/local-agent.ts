// The hub's own machine as agent `local`: wires the reporter of @telltale/agent to the hub's channels. Knows how often
// somebody watches; what is read and how is the agent's business.

import { arch, availableParallelism, hostname, platform, release } from 'node:os';
import { createReporter, type HubCost } from '@telltale/agent';
import type { Gateway, GatewayLog } from '@telltale/gateway';
import type { AgentRow } from './api.ts';
import type { HubChannels } from './channels.ts';
import type { Metrics } from './metrics.ts';

export interface LocalAgentOptions {
  readonly gateway: Gateway<HubChannels>;
  readonly metrics: Pick<Metrics, 'loopDelay'>;
  readonly log: GatewayLog;
  readonly version: string;
  /** Takes the row that describes this machine. */
  readonly reportFacts: (row: AgentRow) => void;
}

export interface LocalAgent {
  stop(): void;
}

/** Rates of delivery are means of so many milliseconds: sources report every few seconds, which a second would show as noise. */
const deliveryMeanMs = 10_000;

/** Starts to report; one sample a second while somebody watches the charts, one in ten seconds otherwise. */
export function startLocalAgent(options: LocalAgentOptions): LocalAgent {
  const { gateway, metrics, log, version, reportFacts } = options;
  let last = { at: performance.now(), cpu: process.cpuUsage() };
  const delivered = [{ at: last.at, figures: gateway.figures() }];

  const hubCost = (): HubCost => {
    const now = { at: performance.now(), cpu: process.cpuUsage() };
    const figures = gateway.figures();
    const seconds = Math.max(0.001, (now.at - last.at) / 1000);
    delivered.push({ at: now.at, figures });
    while (delivered.length > 2 && now.at - (delivered[0]?.at ?? 0) > deliveryMeanMs) delivered.shift();
    const before = delivered[0] ?? { at: last.at, figures };
    const meanSeconds = Math.max(0.001, (now.at - before.at) / 1000);
    const cpuMicros = now.cpu.user + now.cpu.system - last.cpu.user - last.cpu.system;
    const { p99, max } = metrics.loopDelay();
    const sinceThen = (figure: 'messagesOut' | 'bytesOut' | 'writes' | 'catchUps' | 'gaps' | 'gapMessages'): number =>
      figures[figure] - before.figures[figure];
    const writes = sinceThen('writes');
    const cost = {
      cpu: (cpuMicros / 1e6 / seconds) * 100,
      rss: process.memoryUsage.rss(),
      loopDelayP99: p99,
      loopDelayMax: max,
      sessions: figures.sessions,
      messagesPerSecond: sinceThen('messagesOut') / meanSeconds,
      bytesPerSecond: sinceThen('bytesOut') / meanSeconds,
      delivery: {
        updatesPerWrite: writes === 0 ? 0 : sinceThen('messagesOut') / writes,
        catchUpsPerSecond: sinceThen('catchUps') / meanSeconds,
        viewersBehind: figures.sessionsBehind,
        behindMs: figures.behindMs,
        gapsPerSecond: sinceThen('gaps') / meanSeconds,
        gapMessagesPerSecond: sinceThen('gapMessages') / meanSeconds,
        unansweredBytes: figures.unansweredBytes,
      },
    };
    last = now;
    return cost;
  };

  const report = (what: string, publishing: Promise<{ readonly kind: string }>): void => {
    publishing.then(
      (published) => {
        if (published.kind === 'failed') log.warn({ published }, `${what} of this machine were not taken`);
      },
      (error: unknown) => log.error({ err: error }, `${what} of this machine could not be published`),
    );
  };

  reportFacts({
    agent: 'local',
    title: hostname(),
    platform: `${platform()} ${release()} ${arch()}`,
    cores: availableParallelism(),
    version,
    isTooOld: false,
    state: 'live',
    since: Date.now(),
    reason: null,
    lastSeenAt: null,
    clockOffsetMs: 0,
    roundTripMs: null,
    behindMs: 0,
    spooledBytes: 0,
    conflict: null,
    files: [],
    runs: 0,
    expiresAt: null,
    credential: null,
  });

  const reporter = createReporter({
    log,
    hubCost,
    report: (sample) => report('Samples', gateway.publish('metrics/local', sample)),
    reportProcesses: (changes) => report('Processes', gateway.publishBatch('processes/local', changes)),
  });
  const isWatched = (): boolean => gateway.hasReaders('metrics/local') || gateway.hasReaders('processes/local');
  // The budget of all logs may have taken what nobody read: who comes now finds it told again.
  const resendLost = async (): Promise<void> => {
    const { position } = await gateway.read('processes/local', { limit: 1 });
    if (position === null) reporter.resendProcesses();
  };
  const forget = gateway.onInterest((channel, interested) => {
    if (channel !== 'metrics/local' && channel !== 'processes/local') return;
    if (interested && channel === 'processes/local') {
      resendLost().catch((error: unknown) => log.error({ err: error }, 'Processes could not be told again'));
    }
    reporter.setWatched(isWatched());
  });
  reporter.setWatched(isWatched());
  reporter.start();
  return {
    stop() {
      forget();
      reporter.stop();
    },
  };
}

// The table `vitals`: each agent's newest sample in brief, with the CPU of its last quarter of an hour. Fed with what was
// appended to `metrics/<agent>`; after a start it reads once, one agent after the other, what is stored there.

import type { MetricsMessage, Sample } from '@telltale/agent/sample';
import type { Appended, Gateway, GatewayLog, ReadPage } from '@telltale/gateway';
import type { VitalsRow } from '../api.ts';
import type { HubChannels } from '../channels.ts';
import { LiveTable } from '../live-table.ts';
import { CpuHistory } from './cpu-history.ts';

const rowMs = 2000;
/** What is read of a stored log at a start: a quarter of an hour at one sample a second. */
const seedMs = 900_000;
const pageMessages = 300;

export interface VitalsOptions {
  readonly gateway: () => Pick<Gateway<HubChannels>, 'publishBatch' | 'read'>;
  readonly log: GatewayLog;
  readonly now?: () => number;
}

export interface Vitals {
  onMetrics(appended: Appended<MetricsMessage>): void;
  /** Reads what is stored of these agents' samples, and shows what has not been shown since. */
  seed(agents: Iterable<string>): Promise<void>;
  forget(agent: string): void;
  restore(channel: string): void;
  tick(): void;
  /** Ends the seeding. */
  stop(): void;
}

export function createVitals({ gateway, log, now = Date.now }: VitalsOptions): Vitals {
  const table = new LiveTable({ gateway, channel: 'vitals', everyMs: rowMs, log });
  const histories = new Map<string, CpuHistory>();
  let isStopped = false;

  const take = (agent: string, samples: readonly Sample[], receivedAt: number): void => {
    const newest = samples.at(-1);
    if (newest === undefined) return;
    const history = histories.get(agent) ?? new CpuHistory();
    histories.set(agent, history);
    for (const sample of samples) history.add(sample);
    table.put(agent, rowOf(agent, newest, receivedAt, history));
  };

  /** The samples of the newest quarter of an hour, oldest first, and when the last of them came. */
  const stored = async (agent: string): Promise<{ samples: readonly Sample[]; receivedAt: number }> => {
    const messages: ReadPage['messages'][number][] = [];
    let page = await gateway().read(`metrics/${agent}`, { limit: pageMessages });
    for (;;) {
      messages.unshift(...page.messages);
      const first = page.messages[0];
      if (first === undefined || page.epoch === null || !page.more || now() - first.time > seedMs) break;
      const before = { epoch: page.epoch, offset: first.offset };
      page = await gateway().read(`metrics/${agent}`, { limit: pageMessages, before });
    }
    const young = messages.filter(({ time }) => now() - time <= seedMs);
    // However old it is, the last one is what is known of the machine.
    const shown = young.length > 0 ? young : messages.slice(-1);
    const samples = shown.flatMap(({ data }) => sampleOf(data as MetricsMessage) ?? []);
    return { samples, receivedAt: shown.at(-1)?.time ?? 0 };
  };

  return {
    onMetrics({ params, items, time }) {
      const samples = items.flatMap(({ data }) => (data === null ? [] : (sampleOf(data) ?? [])));
      take(params['agent'] ?? '', samples, time);
    },
    async seed(agents) {
      for (const agent of agents) {
        const { samples, receivedAt } = await stored(agent);
        if (isStopped) return;
        const row = table.get(agent);
        const history = histories.get(agent);
        if (row === undefined || history === undefined) {
          take(agent, samples, receivedAt);
          continue;
        }
        // It has reported meanwhile: what is stored only says what was before.
        history.addEarlier(samples);
        table.put(agent, { ...row, history: history.means });
      }
    },
    forget(agent) {
      histories.delete(agent);
      table.remove(agent);
    },
    restore(channel) {
      if (channel !== 'vitals') return;
      table.restore().catch((error: unknown) => log.error({ err: error, channel }, 'A table could not be read'));
    },
    tick: () => table.tick(),
    stop() {
      isStopped = true;
    },
  };
}

function sampleOf(message: MetricsMessage): Sample | undefined {
  return 'type' in message ? undefined : message;
}

function rowOf(agent: string, sample: Sample, receivedAt: number, history: CpuHistory): VitalsRow {
  const { at, intervalMs, cpu, memory, disks } = sample;
  return {
    agent,
    at,
    receivedAt,
    intervalMs,
    cpu: share(cpu.total, 100),
    memory: share(memory.used, memory.total),
    disk: disks.length === 0 ? null : Math.max(...disks.map(({ used, total }) => share(used, total))),
    history: history.means,
  };
}

/** 0 to 100, with one decimal place. */
function share(used: number, total: number): number {
  return total > 0 ? Math.round(Math.min(1, used / total) * 1000) / 10 : 0;
}

// Reads one machine whole: every collector with how often it is worth asking. Knows nothing of when samples are due.

import { totalmem, freemem, uptime } from 'node:os';
import type { Clock } from './clock.ts';
import { createCollector, type AgentLog } from './collector.ts';
import { readDiskCounters, readNetworkCounters } from './collect/counters.ts';
import { createCpuReader } from './collect/cpu.ts';
import { createProcessReader } from './collect/processes.ts';
import { boundedDisks, readDisks, readMemory, readTemperature } from './collect/storage.ts';
import { createMeter, type Counters } from './rate.ts';
import type { ProcessRow, Sample } from './sample.ts';

/** A reading of the machine; when it was taken and when the next is due is the reporter's to say. */
export type Reading = Omit<Sample, 'at' | 'intervalMs' | 'hub'>;

export interface Machine {
  /** Reads everything but processes. Undefined while there is no share of CPU yet: the first call takes the measure. */
  read(): Promise<Reading | undefined>;
  /** The processes that cost most since the last call. Undefined the first time, or where the system does not say. */
  readProcesses(): Promise<readonly ProcessRow[] | undefined>;
}

/** Makes a reader of this machine. It holds no timer of its own; dear readings are kept in between. */
export function createMachine({ clock, log }: { readonly clock: Clock; readonly log: AgentLog }): Machine {
  const shared = { clock, log };
  const cpu = createCollector({ ...shared, name: 'cpu', read: createCpuReader() });
  const memory = createCollector({ ...shared, name: 'memory', read: readMemory });
  const diskRate = createCollector({ ...shared, name: 'disk throughput', read: rateOf(readDiskCounters) });
  const networkRate = createCollector({ ...shared, name: 'network throughput', read: rateOf(readNetworkCounters) });
  // These run programs where there is no /proc, and change slowly.
  const disks = createCollector({ ...shared, name: 'disks', read: readDisks, keepMs: 30_000 });
  const temperature = createCollector({
    ...shared,
    name: 'temperature',
    read: readTemperature,
    keepMs: 10_000,
    keepAbsentMs: 600_000,
  });
  const readTop = createProcessReader();
  const processes = createCollector({ ...shared, name: 'processes', read: () => readTop(clock.monotonic()) });

  function rateOf(readCounters: () => Promise<Counters | undefined>): () => Promise<Counters | undefined> {
    const meter = createMeter();
    return async () => {
      const counters = await readCounters();
      return counters === undefined ? undefined : meter(counters, clock.monotonic());
    };
  }

  return {
    async read() {
      const [shares, amounts, systems, disk, network, degrees] = await Promise.all([
        cpu(),
        memory(),
        disks(),
        diskRate(),
        networkRate(),
        temperature(),
      ]);
      if (shares === undefined) return undefined;
      return {
        cpu: shares,
        memory: amounts ?? { used: totalmem() - freemem(), total: totalmem() },
        ...boundedDisks(systems ?? []),
        ...(disk && { diskRate: { read: disk.first, write: disk.second } }),
        ...(network && { networkRate: { in: network.first, out: network.second } }),
        ...(degrees !== undefined && { temperature: degrees }),
        uptime: Math.round(uptime()),
      };
    },
    readProcesses: processes,
  };
}

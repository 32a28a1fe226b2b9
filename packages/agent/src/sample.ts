// What an agent reports: the shapes of `metrics/<agent>` and `processes/<agent>`. Types only; the dashboard reads them
// too. Numbers are finite; what a machine does not have is absent, never 0.

import type { DroppedMessages } from './run-events.ts';

/** A message of `metrics/<agent>`: a sample, or, in the place of samples that had to be dropped, how many and of when. */
export type MetricsMessage = Sample | DroppedMessages;

/** One reading of everything. */
export interface Sample {
  /** When it was taken, by the agent's clock, in milliseconds since the epoch. */
  readonly at: number;
  /** How long until the next one is due, in milliseconds: late is past 2 ×, stale past 5 ×, a hole past 2.5 ×. */
  readonly intervalMs: number;
  readonly cpu: {
    /** Share of all cores in use since the last sample, 0 to 100. */
    readonly total: number;
    readonly cores: readonly number[];
    /** Load averages of 1, 5 and 15 minutes. */
    readonly load: readonly [number, number, number];
  };
  readonly memory: Amount & { readonly swap?: Amount };
  readonly disks: readonly Disk[];
  /** File systems that are not among them, for there are too many; absent: none. */
  readonly disksLeftOut?: number;
  /** Bytes per second since the last sample, over all disks and all interfaces but loopback. Absent in the first sample. */
  readonly diskRate?: { readonly read: number; readonly write: number };
  readonly networkRate?: { readonly in: number; readonly out: number };
  /** Hottest sensor in °C, where there is one. */
  readonly temperature?: number;
  /** Seconds since the machine started. */
  readonly uptime: number;
  /** Only from the hub's own machine: what the hub itself costs. */
  readonly hub?: HubCost;
}

/** Bytes. */
export interface Amount {
  readonly used: number;
  readonly total: number;
}

export interface Disk extends Amount {
  readonly mount: string;
}

/** What the hub costs, since the last sample. */
export interface HubCost {
  /** Share of one core, 0 to 100. */
  readonly cpu: number;
  /** Resident memory in bytes. */
  readonly rss: number;
  /** 99th percentile and maximum of the event loop's delay, in milliseconds. */
  readonly loopDelayP99: number;
  readonly loopDelayMax: number;
  readonly sessions: number;
  /** Delivered to viewers, means of the last ten seconds. */
  readonly messagesPerSecond: number;
  readonly bytesPerSecond: number;
  /** Absent in samples of hubs that did not report it yet. */
  readonly delivery?: DeliveryCost;
}

/** What delivery to viewers costs, and how far it is behind. Rates are means of the last ten seconds. */
export interface DeliveryCost {
  /** Messages that shared one write to one viewer; 0 where nothing was written. */
  readonly updatesPerWrite: number;
  /** Reads from an older cursor that came to the head: first reads, resumes, and slow viewers' returns. */
  readonly catchUpsPerSecond: number;
  /** Viewers with something behind now, and for how long the worst has been, in milliseconds. */
  readonly viewersBehind: number;
  readonly behindMs: number;
  /** Gaps told to viewers, and the messages missing in them. */
  readonly gapsPerSecond: number;
  readonly gapMessagesPerSecond: number;
  /** Bytes on their way to all viewers and not yet answered. */
  readonly unansweredBytes: number;
}

/** One row of the table `processes/<agent>`; the key is the process id. The table holds the top processes only. */
export interface ProcessRow {
  readonly pid: number;
  readonly name: string;
  /** Share of one core, 0 to 100 × cores. */
  readonly cpu: number;
  /** Resident memory in bytes. */
  readonly rss: number;
  readonly user: string;
}

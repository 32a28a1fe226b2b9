// The line of all runs of one process to the hub: made with the first, given up with the last. Opens each run on each
// session, hears who wants one ended, and sends on what runs of processes that are gone have left. Never makes a run wait.

import type { Connection, SubscriptionEvent } from '@telltale/client';
import type { AgentLog } from '../collector.ts';
import { createLink, type Link, type LineState } from '../link/link.ts';
import type { Place } from '../place.ts';
import { fillPlaceReserve } from '../spool/place-reserve.ts';
import type { Spool } from '../spool/spool.ts';
import { type Cancel, cancelOf, openRun } from './run-open.ts';
import { type Takeover, takeOverRuns } from './run-takeover.ts';

/** A run that this process reports. */
export interface RunReport {
  readonly run: string;
  readonly name: string;
  readonly spool: Spool;
  /** Somebody wants it ended. May be called more than once. */
  readonly onCancel: (cancel: Cancel) => void;
}

/** What became of a run: the hub has it all, or the rest is in its spool, or the disk had no room for that. */
export type LeftRun = 'sent' | 'kept' | 'lost';

export interface RunLine {
  add(report: RunReport): void;
  /**
   * Nothing more will be said: waits until the hub has it all, but no longer than this and not where there is no hope.
   * What is left stays in its spool for whoever takes it over.
   */
  leave(report: RunReport, withinMs: number): Promise<LeftRun>;
}

/** How much of the time to leave is kept for saying goodbye, in milliseconds. */
const goodbyeMs = 150;

export function createRunLine(options: { readonly place: Place; readonly log: AgentLog }): RunLine {
  const { place, log } = options;
  const reports = new Map<string, { readonly report: RunReport; readonly remove: () => void }>();
  /** Called when there is no hope that anything is sent soon. */
  const hopeless = new Set<() => void>();
  let open: { readonly link: Link; takeover: Takeover | undefined } | undefined;
  let isRefusalTold = false;

  function onLine(line: LineState): void {
    if (line.kind === 'open') {
      // Only now: whose line does not stand takes nothing from whose does.
      if (open !== undefined) open.takeover ??= takeOverRuns({ place, link: open.link, log });
      return;
    }
    if (line.kind === 'connecting') return;
    for (const give of hopeless) give();
    if (line.kind === 'away' || isRefusalTold) return;
    isRefusalTold = true;
    log.warn(
      { name: line.name },
      `The hub takes no report of agent ${place.agent}: ${line.reason}. ${line.hint}`.trim(),
    );
  }
  function onControl(event: SubscriptionEvent): void {
    if (event.type !== 'messages') return;
    for (const { key, data } of event.messages) {
      const cancel = cancelOf(data);
      if (cancel !== undefined) reports.get(key?.replace(/^cancel:/, '') ?? '')?.report.onCancel(cancel);
    }
  }
  function link(): Link {
    if (open !== undefined) return open.link;
    const made = createLink({ place, path: '/ws/', log, onLine });
    made.connection.subscribe(`control/${place.agent}`, onControl);
    open = { link: made, takeover: undefined };
    return made;
  }
  async function close(): Promise<void> {
    const closing = open;
    open = undefined;
    closing?.takeover?.close();
    await closing?.link.close('run ended');
  }

  return {
    add(report) {
      const { run, name, spool, onCancel } = report;
      const prepare = async (connection: Connection): Promise<boolean> => {
        const opened = await openRun(connection, { run, name });
        if (opened.kind === 'refused') {
          log.warn({ run }, `The hub takes no report of this run: ${opened.message}`);
          return false;
        }
        if (opened.cancel !== undefined) onCancel(opened.cancel);
        return true;
      };
      reports.set(run, { report, remove: link().add({ spool, prepare }) });
    },

    async leave(report, withinMs) {
      const { run, spool } = report;
      const found = reports.get(run);
      if (found === undefined || open === undefined) return 'kept';
      const until = performance.now() + withinMs;
      const mine = open;
      const isSent = await within(mine.link, spool, withinMs - goodbyeMs);
      // What others have left is sent too, if there is time.
      if (isSent && reports.size === 1) await within(mine.link, undefined, until - performance.now() - goodbyeMs);
      found.remove();
      reports.delete(run);
      if (isSent) spool.remove();
      const left = isSent ? 'sent' : spool.close();
      // What this run has taken of it, or leaves free now, is for those that begin on a full disk.
      fillPlaceReserve(place.directory);
      if (reports.size === 0) await Promise.race([close(), afterMs(until - performance.now())]);
      return left;
    },
  };

  /** Whether everything has its answer before the time is over, or the hope. */
  async function within(by: Link, spool: Spool | undefined, ms: number): Promise<boolean> {
    if (spool?.window.length === 0) return true;
    if (ms <= 0 || (by.line.kind !== 'open' && by.line.kind !== 'connecting')) return false;
    let give = (): void => {};
    const lost = new Promise<false>((resolve) => {
      give = () => resolve(false);
      hopeless.add(give);
    });
    try {
      return await Promise.race([lost, by.drained({ withinMs: ms, ...(spool === undefined ? {} : { spool }) })]);
    } finally {
      hopeless.delete(give);
    }
  }
}

function afterMs(ms: number): Promise<void> {
  return new Promise((resolve) => void setTimeout(resolve, Math.max(0, ms)).unref());
}

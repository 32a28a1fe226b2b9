// The agent of a machine as a process: samples and log lines go into its spool, the spool over its line, and what runs
// without a process of their own have left goes too. Composition only; started by the command.

import type { AgentLog } from '../collector.ts';
import { createLink, type LineState } from '../link/link.ts';
import { createLogTails } from '../logs/log-tails.ts';
import { type Place, spoolDirectory } from '../place.ts';
import { createReporter } from '../reporter.ts';
import type { RowChange } from '../row-changes.ts';
import { takeOverRuns } from '../run/run-takeover.ts';
import type { ProcessRow } from '../sample.ts';
import { defaultSpoolBytes, openSpool } from '../spool/spool.ts';
import { followPace } from './pace.ts';
import { createStatus } from './status.ts';

export interface AgentOptions {
  readonly place: Place;
  /** Log files to follow. */
  readonly files: readonly string[];
  /** Bound of the spool on disk. Default 64 MiB. */
  readonly spoolBytes?: number;
  readonly version: string;
  readonly log: AgentLog;
  /** Told of each change of the line. */
  readonly onLine?: (line: LineState) => void;
}

export interface Agent {
  /** What waits to be sent, in bytes. */
  readonly spooledBytes: number;
  /** Says goodbye and leaves the rest in the spool, within a second. */
  stop(reason: string): Promise<void>;
}

export type StartedAgent =
  | { readonly kind: 'running'; readonly agent: Agent }
  /** This agent runs already, as this process. */
  | { readonly kind: 'owned'; readonly pid: number };

/** Starts to report. */
export function startAgent(options: AgentOptions): StartedAgent {
  const { place, files, spoolBytes = defaultSpoolBytes, version, log, onLine } = options;
  const { agent } = place;
  const opened = openSpool({ directory: spoolDirectory(place, 'agent'), maxBytes: spoolBytes, log });
  if (opened.kind === 'owned') return opened;
  const { spool } = opened;
  const link = createLink({ place, path: `/ws/agents/${agent}/`, log, ...(onLine === undefined ? {} : { onLine }) });
  const { connection } = link;
  const tails = createLogTails({ paths: files, agent, spool, log });
  const status = createStatus({ connection, spool, version, files: tails.names, log });

  /** Only the newest counts: what does not arrive is told anew, and nothing waits for a line. */
  async function reportProcesses(changes: readonly RowChange<ProcessRow>[]): Promise<void> {
    const answer = await connection.ask({ type: 'publish', channel: `processes/${agent}`, batch: changes });
    if (answer?.type !== 'result') reporter.resendProcesses();
  }
  const reporter = createReporter({
    log,
    readsProcessesUnwatched: false,
    report: (sample) => spool.append(`metrics/${agent}`, [sample], { at: sample.at }),
    reportProcesses: (changes) => void reportProcesses(changes),
  });
  link.add({
    spool,
    async prepare() {
      await status.tell();
      // The table over there may be another hub's.
      reporter.resendProcesses();
      return true;
    },
  });
  const forgetPace = followPace(connection, agent, (isWatched) => reporter.setWatched(isWatched));
  const takeover = takeOverRuns({ place, link, log });
  tails.start();
  reporter.start();

  return {
    kind: 'running',
    agent: {
      get spooledBytes() {
        return spool.bytes;
      },
      async stop(reason) {
        reporter.stop();
        tails.stop();
        status.stop();
        forgetPace();
        takeover.close();
        // What was read last may still get there; what does not is sent after the next start.
        await link.drained({ withinMs: 200 });
        await link.close(reason);
        spool.close();
      },
    },
  };
}

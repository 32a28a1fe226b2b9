// One run as its own process records it: begins it in a spool of its own, hears when somebody wants it ended, ends it. Never
// throws, and waits for nobody but in `leave`. The wrapper and the library stand on it.

import { randomBytes } from 'node:crypto';
import { systemClock } from '../clock.ts';
import type { AgentLog } from '../collector.ts';
import { agentsDirectory, findPlace, type FoundPlace, type Place, spoolDirectory } from '../place.ts';
import type { RunEvent } from '../run-events.ts';
import { takeShare } from '../spool/place-reserve.ts';
import { openSpool, type Spool } from '../spool/spool.ts';
import { createOutputProgress } from './output-progress.ts';
import { createRunLine, type LeftRun, type RunLine } from './run-line.ts';
import type { Cancel } from './run-open.ts';
import { bounded, errorText, nameOr } from './run-scope.ts';
import { runChannel, type RunResumes } from './run-takeover.ts';
import { createRunWriter, type OutputStream, type RunWriter } from './run-writer.ts';

/** The reason of a run's `signal` when somebody pressed Cancel. */
export class RunCancelled extends Error {
  readonly code = 'ERR_RUN_CANCELLED';
  /** Who did. */
  readonly by: string;
  /** How long it may take to end by itself, in milliseconds. */
  readonly graceMs: number;

  constructor({ by, graceMs }: Cancel) {
    super(`cancelled by ${by}`);
    this.name = 'RunCancelled';
    this.by = by;
    this.graceMs = graceMs;
  }
}

export type RunEnd = Omit<Extract<RunEvent, { type: 'ended' }>, 'type' | 'at'>;

export interface RunRecorder {
  readonly run: string;
  readonly writer: RunWriter;
  /** Fires when somebody wants the run ended; its reason is a RunCancelled. */
  readonly signal: AbortSignal;
  /** Bytes that its process wrote, among them what they tell a terminal of its progress. */
  output(stream: OutputStream, bytes: Uint8Array): void;
  /** Says how it ended, and writes down all that was said. */
  end(end: RunEnd): void;
  /** Waits for the hub, but no longer than this, and not where there is no hope; then lets go of everything. */
  leave(withinMs: number): Promise<LeftRun>;
}

/** What a run says of itself at its beginning. */
export interface RunBeginning {
  readonly name: string;
  /** As typed, for people. */
  readonly command?: string | undefined;
  /** Who started it. */
  readonly by?: string | undefined;
  /** When it began, in milliseconds since the epoch. Default: now. */
  readonly at?: number | undefined;
}

/** Which agent of this machine reports. */
export interface PlaceOptions {
  /** Of all agents. Default: `TELLTALE_AGENT_DIR`, or this user's, or the machine's for root. */
  readonly directory?: string | undefined;
  /** Needed where the machine has several. */
  readonly agent?: string | undefined;
  /** Where the hub is. Default: where the agent was enrolled. */
  readonly hub?: string | undefined;
}

/** Finds the agent that runs are reported as, or says in a sentence why there is none. */
export function placeOfRuns({ directory = agentsDirectory(), agent, hub }: PlaceOptions): Place | string {
  const found: FoundPlace = findPlace({ directory, agent });
  switch (found.kind) {
    case 'found':
      return hub === undefined ? found.place : { ...found.place, hub };
    case 'none':
      return `${agent === undefined ? 'no agent' : `no agent ${agent}`} has been enrolled in ${found.directory}: "telltale agent --hub <url> --enrol <token>" enrols this machine.`;
    case 'several':
      return `this machine has the agents ${found.agents.join(', ')}: name the one that reports it.`;
    case 'unreadable':
      return found.reason;
  }
}

/** Begins a run. */
export function beginRun(options: {
  readonly place: Place;
  readonly line: RunLine;
  readonly log: AgentLog;
  readonly beginning: RunBeginning;
}): RunRecorder {
  const { place, line, log, beginning } = options;
  const { run, spool } = newSpool(place, log);
  const name = nameOr(beginning.name, 'run');
  const command = beginning.command === undefined ? {} : { command: bounded(beginning.command, mostCommand) };
  const by = beginning.by === undefined ? {} : { by: bounded(beginning.by, mostBy) };
  const started = { type: 'started', name, ...command, ...by } as const;
  // At once, and with its name: whoever finds the spool of a process that is gone must be able to open the run.
  spool.append(runChannel(run), [{ ...started, at: beginning.at ?? Date.now() }], {
    resumes: { run: { name } } satisfies RunResumes,
  });
  const writer = createRunWriter(spool, runChannel(run));
  const progress = createOutputProgress(writer.event, systemClock);
  const controller = new AbortController();
  const report = {
    run,
    name,
    spool,
    onCancel(cancel: Cancel) {
      if (controller.signal.aborted) return;
      writer.event({ type: 'cancelling', by: bounded(cancel.by, mostBy) });
      controller.abort(new RunCancelled(cancel));
    },
  };
  line.add(report);
  return {
    run,
    writer,
    signal: controller.signal,
    output(stream, bytes) {
      writer.output(stream, bytes);
      progress.read(stream, bytes);
    },
    end(end) {
      progress.end();
      // What was said first is dropped first where too much was said, and then the run would have no beginning.
      const again = spool.dropped > 0 || spool.isInMemory ? [started] : [];
      writer.end([...again, { type: 'ended', ...end }], { resumes: { ended: true } satisfies RunResumes });
    },
    leave: (withinMs) => line.leave(report, withinMs),
  };
}

export type OpenedRecorder =
  | { readonly kind: 'recording'; readonly recorder: RunRecorder }
  /** Nobody hears of this run: why, in a sentence. */
  | { readonly kind: 'not-recorded'; readonly why: string };

/** Begins the only run of this process. */
export function openRunRecorder(options: PlaceOptions & RunBeginning & { readonly log: AgentLog }): OpenedRecorder {
  try {
    const place = placeOfRuns(options);
    if (typeof place === 'string') return { kind: 'not-recorded', why: place };
    const line = createRunLine({ place, log: options.log });
    return { kind: 'recording', recorder: beginRun({ place, line, log: options.log, beginning: options }) };
  } catch (error) {
    // An address that is none, for one.
    return { kind: 'not-recorded', why: `${errorText(error)}.` };
  }
}

const mostCommand = 4000;
const mostBy = 256;

/** 26 characters of base32: what nobody else happens on. */
function newRunId(): string {
  const alphabet = 'abcdefghijklmnopqrstuvwxyz234567';
  return [...randomBytes(26)].map((byte) => alphabet[byte % 32]).join('');
}

function newSpool(place: Place, log: AgentLog): { readonly run: string; readonly spool: Spool } {
  for (;;) {
    const run = newRunId();
    const makeRoom = (): boolean => takeShare(place.directory);
    const opened = openSpool({ directory: spoolDirectory(place, `run-${run}`), log, makeRoom });
    // Whoever looks for abandoned spools may have been quicker than we were.
    if (opened.kind === 'open') return { run, spool: opened.spool };
  }
}

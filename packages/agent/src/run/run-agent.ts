// Runs for programs: `agent.run('triage', async (run) => …)`. The program's work is the program's: what it returns and
// throws passes through, and nothing of ours makes it wait or fail.

import type { AgentLog } from '../collector.ts';
import type { Place } from '../place.ts';
import type { AttributeValue } from '../run-events.ts';
import { createRunLine, type RunLine } from './run-line.ts';
import { beginRun, type PlaceOptions, placeOfRuns, type RunBeginning, type RunRecorder } from './run-recorder.ts';
import { createRun, errorText, type Run } from './run-scope.ts';
import { createRunWriter, type RunWriter } from './run-writer.ts';

export interface AgentOptions extends PlaceOptions {
  /** Told why runs are not reported, once. Default: a line on standard error. */
  readonly log?: AgentLog;
}

export interface RunOptions extends Omit<RunBeginning, 'name'> {
  readonly attributes?: Readonly<Record<string, AttributeValue>>;
  /** Ends the run too: the run's own signal fires with it. */
  readonly signal?: AbortSignal;
}

/** Reports runs of this program. */
export interface Agent {
  /**
   * Does some work as a run: its result is the body's, and is recorded where it is JSON of at most 16,000 characters. What
   * the body throws ends the run as failed, with the message alone, and is thrown on.
   */
  run<Result>(name: string, body: (run: Run) => Result | Promise<Result>, options?: RunOptions): Promise<Result>;
  /** Waits, some seconds at most, until the hub has what was reported. Not needed: what is left is sent later. */
  close(): Promise<void>;
}

/** How long the line is kept after a run, in milliseconds, where the hub is slow. */
const lingerMs = 5000;
const mostResult = 16_000;
const lostText = 'What the hub does not have of this run is lost: the disk has no room for it';

/** Makes an agent of a machine that was enrolled. Where it was not, runs do their work all the same. */
export function createAgent(options: AgentOptions = {}): Agent {
  const { log = standardError } = options;
  const recorders = new Set<RunRecorder>();
  const leaving = new Set<Promise<unknown>>();
  let reporting: { readonly place: Place; readonly line: RunLine } | 'not' | undefined;

  function findReporting(): { readonly place: Place; readonly line: RunLine } | 'not' {
    const place = placeOfRuns(options);
    if (typeof place !== 'string') return { place, line: createRunLine({ place, log }) };
    log.warn({}, `Runs are not reported: ${place}`);
    return 'not';
  }
  function begin(beginning: RunBeginning): RunRecorder | undefined {
    try {
      reporting ??= findReporting();
      return reporting === 'not' ? undefined : beginRun({ ...reporting, log, beginning });
    } catch (error) {
      log.warn({ err: error }, `This run is not reported: ${errorText(error)}`);
      return undefined;
    }
  }
  // What was gathered in the last moments is written down, whatever ends the process.
  function flush(): void {
    for (const { writer } of recorders) writer.flush();
  }
  function open(recorder: RunRecorder): void {
    if (recorders.size === 0) process.on('exit', flush);
    recorders.add(recorder);
  }
  function leave(recorder: RunRecorder): void {
    recorders.delete(recorder);
    if (recorders.size === 0) process.off('exit', flush);
    const left = recorder
      .leave(lingerMs)
      .then((how) => {
        if (how === 'lost') log.warn({ run: recorder.run }, lostText);
      })
      .finally(() => leaving.delete(left));
    leaving.add(left);
  }

  return {
    async run(name, body, { signal: own, attributes, ...beginning } = {}) {
      const recorder = begin({ name, ...beginning });
      if (recorder !== undefined) open(recorder);
      const writer = recorder?.writer ?? nobodysWriter();
      const signals = [recorder?.signal, own].filter((signal) => signal !== undefined);
      const signal = AbortSignal.any(signals);
      const run = createRun(writer, signal, recorder?.run ?? '');
      if (attributes !== undefined) run.set(attributes);
      try {
        const result = await body(run);
        recorder?.end({ outcome: 'succeeded', ...recorded(result) });
        return result;
      } catch (error) {
        recorder?.end({ outcome: signal.aborted ? 'cancelled' : 'failed', error: errorText(error) });
        throw error;
      } finally {
        if (recorder !== undefined) leave(recorder);
      }
    },
    async close() {
      await Promise.all(leaving);
    },
  };
}

/** What is said to it goes nowhere. */
function nobodysWriter(): RunWriter {
  return createRunWriter({ append() {}, dropped: 0 }, '');
}

function recorded(result: unknown): { readonly result?: unknown } {
  try {
    const json = JSON.stringify(result) as string | undefined;
    return json === undefined || json.length > mostResult ? {} : { result };
  } catch {
    return {};
  }
}

const standardError: AgentLog = {
  warn: (_fields, text) => void process.stderr.write(`Telltale: ${text}\n`),
};

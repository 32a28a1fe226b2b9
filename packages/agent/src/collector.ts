// One source of readings, made harmless: a collector that throws or hangs is reported once and its value is absent;
// readings never overlap; what is dear is read seldom and kept in between.

import type { Clock } from './clock.ts';

/** Where the agent reports what it could not read. */
export interface AgentLog {
  warn(fields: object, text: string): void;
}

export interface CollectorOptions<Value> {
  /** Word for the log line, `disks`. */
  readonly name: string;
  /** Undefined: this machine does not have it. */
  readonly read: () => Value | undefined | Promise<Value | undefined>;
  /** A value younger than this is used again, in milliseconds. Default 0: read each time. */
  readonly keepMs?: number;
  /** The same where there was none: what a machine does not have it seldom gets. Default keepMs. */
  readonly keepAbsentMs?: number;
  /** A reading that takes longer counts as absent, in milliseconds. Default 2,000. */
  readonly deadlineMs?: number;
  readonly clock: Clock;
  readonly log: AgentLog;
}

/** Answers the newest value, never rejects and never takes longer than its deadline. */
export type Collector<Value> = () => Promise<Value | undefined>;

export function createCollector<Value>(options: CollectorOptions<Value>): Collector<Value> {
  const { name, read, keepMs = 0, keepAbsentMs = keepMs, deadlineMs = 2000, clock, log } = options;
  let kept: { readonly value: Value | undefined; readonly at: number } | undefined;
  let running: { readonly value: Promise<Value | undefined>; isLate: boolean } | undefined;
  let isReported = false;

  const report = (fields: object, text: string): void => {
    if (isReported) return;
    isReported = true;
    log.warn({ collector: name, ...fields }, text);
  };

  const start = (): Promise<Value | undefined> =>
    (async () => read())()
      .catch((error: unknown) => {
        report({ err: error }, `The collector ${name} failed; what it reads is left out`);
        return undefined;
      })
      .then((value) => {
        kept = { value, at: clock.monotonic() };
        running = undefined;
        return value;
      });

  return async () => {
    if (kept !== undefined && running === undefined) {
      const age = clock.monotonic() - kept.at;
      if (age < (kept.value === undefined ? keepAbsentMs : keepMs)) return kept.value;
    }
    // One that hangs is neither started a second time nor waited for again.
    if (running?.isLate === true) return undefined;
    const current = (running ??= { value: start(), isLate: false });
    return withDeadline(current.value, deadlineMs, clock, () => {
      current.isLate = true;
      report({ deadlineMs }, `The collector ${name} gave no answer in ${deadlineMs} ms; what it reads is left out`);
    });
  };
}

function withDeadline<Value>(
  value: Promise<Value>,
  ms: number,
  clock: Clock,
  onLate: () => void,
): Promise<Value | undefined> {
  return new Promise((resolve) => {
    const cancel = clock.after(ms, () => {
      onLate();
      resolve(undefined);
    });
    void value.then((found) => {
      cancel();
      resolve(found);
    });
  });
}

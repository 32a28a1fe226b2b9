// Runs whose process is gone: what they had said and not sent is sent, those that did not say how they ended are ended as
// lost, and their spools removed. Done by the machine's agent all the time and by whatever runs next; of several only one
// gets each spool.

import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { AgentLog } from '../collector.ts';
import type { Link } from '../link/link.ts';
import type { Place } from '../place.ts';
import { fillPlaceReserve } from '../spool/place-reserve.ts';
import { realFiles, type SpoolFiles } from '../spool/spool-files.ts';
import { reopenSpool, type Spool } from '../spool/spool.ts';
import { openRun } from './run-open.ts';

export interface Takeover {
  /** Leaves what has not been sent to the next. */
  close(): void;
}

/** How often it looks for runs whose process has gone, in milliseconds. */
const lookMs = 5000;
/** How long a spool without a record may be one that is just being made, in milliseconds. */
const youngMs = 10_000;
/** Runs that are sent at a time: each has files open. */
const mostAtOnce = 16;
/** Bytes of all runs that wait; over it the oldest are given up, so that a hub that never returns fills no disk. */
const mostBytes = 512 * 1024 * 1024;

const givenUp = 'A run that was never sent is given up: too many wait for the hub';

/** What a run's spool keeps beside its records, for whoever takes it over. */
export interface RunResumes {
  readonly run?: { readonly name: string };
  readonly ended?: true;
}

/** The channel of a run. */
export function runChannel(run: string): string {
  return `runs/${run}`;
}

interface Abandoned {
  readonly run: string;
  readonly directory: string;
  /** When it was last written to, in milliseconds since the epoch: the last sign of life. */
  readonly writtenAt: number;
  readonly bytes: number;
}

/** Begins to look for runs without a process among the spools of a place, and to send them over this link. */
export function takeOverRuns(options: {
  readonly place: Pick<Place, 'directory'>;
  readonly link: Pick<Link, 'add'>;
  readonly log: AgentLog;
  /** Only for tests. */
  readonly files?: SpoolFiles;
}): Takeover {
  const { place, link, log, files = realFiles } = options;
  const folder = join(place.directory, 'spool');
  const taken = new Map<string, { readonly spool: Spool; readonly stop: () => void }>();

  /** Runs that the disk did not let be opened, each said once. */
  const waiting = new Set<string>();
  let isClosed = false;
  /** Whether there are more than are sent at a time. */
  let hasMore = false;

  function look(): void {
    if (isClosed) return;
    let bytes = 0;
    hasMore = false;
    const left = runsIn(folder);
    for (const run of waiting) if (!left.some((found) => found.run === run)) waiting.delete(run);
    // The newest first, so that what is given up is old; each is sent in its turn.
    for (const found of left) {
      if (taken.has(found.run)) continue;
      bytes += found.bytes;
      if (taken.size < mostAtOnce || bytes > mostBytes) take(found, bytes > mostBytes);
      else hasMore = true;
    }
    // Behind them: who sends runs on needs a little room too.
    fillPlaceReserve(place.directory, files);
  }
  function take({ run, directory, writtenAt }: Abandoned, isTooMuch: boolean): void {
    const opened = reopenSpool({ directory, log, files });
    if (opened.kind === 'owned') return;
    if (opened.kind === 'unusable') return wait(run, directory, opened.error, isTooMuch);
    waiting.delete(run);
    const { spool } = opened;
    const name = nameOf(spool);
    if (isTooMuch) log.warn({ run }, givenUp);
    // Of one that began and said nothing there is nothing to tell.
    if (isTooMuch || name === undefined) return spool.remove();
    if (spool.resumeOf('ended') !== true) {
      const ended = { type: 'ended', at: writtenAt, outcome: 'lost' };
      spool.append(runChannel(run), [ended], { resumes: { ended: true } satisfies RunResumes });
    }
    const giveUp = (message: string): void => {
      log.warn({ run }, `The hub takes no report of a run that was left: ${message}`);
      finish(run, 'remove');
    };
    const remove = link.add({
      spool,
      async prepare(connection) {
        const answer = await openRun(connection, { run, name });
        if (answer.kind === 'refused') giveUp(answer.message);
        return answer.kind === 'opened';
      },
    });
    const stopListening = spool.onChange(() => {
      if (spool.window.length === 0) finish(run, 'remove');
    });
    taken.set(run, {
      spool,
      stop() {
        stopListening();
        remove();
      },
    });
    if (spool.window.length === 0) finish(run, 'remove');
  }
  /** The disk does not let it be opened: it stays for the next look, or goes where too many wait. */
  function wait(run: string, directory: string, error: unknown, isTooMuch: boolean): void {
    // Somebody else has sent it meanwhile.
    if (statOf(directory).length === 0) return;
    if (isTooMuch) {
      log.warn({ run }, givenUp);
      files.rmSync(directory, { recursive: true, force: true });
      return;
    }
    if (!waiting.has(run)) log.warn({ err: error, run }, 'A run that was left cannot be sent yet');
    waiting.add(run);
  }
  function finish(run: string, how: 'remove' | 'close'): void {
    const found = taken.get(run);
    taken.delete(run);
    found?.stop();
    found?.spool[how]();
    if (hasMore && taken.size < mostAtOnce / 2) {
      hasMore = false;
      setImmediate(look);
    }
  }

  look();
  const timer = setInterval(look, lookMs);
  return {
    close() {
      isClosed = true;
      clearInterval(timer);
      for (const run of [...taken.keys()]) finish(run, 'close');
    },
  };
}

/** What the run is called: as it said when it opened, or as its first record says. */
function nameOf(spool: Spool): string | undefined {
  const { name } = (spool.resumeOf('run') ?? {}) as { name?: unknown };
  if (typeof name === 'string') return name;
  return spool.window.length === 0 ? undefined : 'run';
}

/** Spools of runs below a directory, the newest first. */
function runsIn(folder: string): Abandoned[] {
  return namesIn(folder)
    .flatMap((name): Abandoned[] => {
      const run = /^run-([a-z0-9]{16,32})$/.exec(name)?.[1];
      if (run === undefined) return [];
      const directory = join(folder, name);
      // Others than those with records also change when somebody only looks.
      const files = namesIn(directory).flatMap((file) =>
        file.endsWith('.jsonl') ? statOf(join(directory, file)) : [],
      );
      if (files.length === 0 && statOf(directory).some(({ at }) => Date.now() - at < youngMs)) return [];
      const writtenAt = Math.max(0, ...files.map(({ at }) => at));
      return [{ run, directory, writtenAt, bytes: files.reduce((sum, { bytes }) => sum + bytes, 0) }];
    })
    .sort((one, other) => other.writtenAt - one.writtenAt);
}

function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

/** When a file was written to, and how large it is; nothing if it is gone. */
function statOf(path: string): { readonly at: number; readonly bytes: number }[] {
  try {
    const { mtimeMs, size } = statSync(path);
    return [{ at: Math.round(mtimeMs), bytes: size }];
  } catch {
    return [];
  }
}

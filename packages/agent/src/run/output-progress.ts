// A run's progress as its command tells it a terminal: both streams are read for it, and what is said of it is thinned to
// what a screen can show. Owns the timer of the latest word that still waits.

import type { Clock } from '../clock.ts';
import { createProgressSequences, type TerminalProgress } from './progress-sequences.ts';
import type { OutputStream, Said } from './run-writer.ts';

type Progress = Extract<Said, { type: 'progress' }>;

export interface OutputProgress {
  /** Looks at what a stream says. */
  read(stream: OutputStream, bytes: Uint8Array): void;
  /** Says what still waits; nothing after it. */
  end(): void;
}

/** The least time between two words of progress, in milliseconds. */
const sayMs = 250;

/** Calls `say` when something of the progress has changed, at most four times a second; the newest is never left out. */
export function createOutputProgress(say: (progress: Progress) => void, clock: Clock): OutputProgress {
  let newest: Progress = { type: 'progress', done: null };
  let said = newest;
  /** A word was said within the last `sayMs`. */
  let cancelPause: (() => void) | undefined;

  function sayNewest(): void {
    cancelPause = undefined;
    if (newest.done === said.done && newest.note === said.note) return;
    said = newest;
    say(newest);
    cancelPause = clock.after(sayMs, sayNewest);
  }
  function take(progress: TerminalProgress): void {
    newest = after(newest, progress);
    if (cancelPause === undefined) sayNewest();
  }
  const readers: Readonly<Record<OutputStream, (bytes: Uint8Array) => void>> = {
    out: createProgressSequences(take),
    err: createProgressSequences(take),
  };
  return {
    read: (stream, bytes) => readers[stream](bytes),
    end() {
      cancelPause?.();
      sayNewest();
      cancelPause?.();
    },
  };
}

/** What is so after a sequence. An error and a pause stay where the progress stood, unless they say where. */
function after({ done }: Progress, { state, percent }: TerminalProgress): Progress {
  const told = percent === undefined ? undefined : percent / 100;
  switch (state) {
    case 0:
    case 3:
      return { type: 'progress', done: null };
    case 1:
      return { type: 'progress', done: told ?? 0 };
    case 2:
      return { type: 'progress', done: told ?? done, note: 'error' };
    case 4:
      return { type: 'progress', done: told ?? done, note: 'paused' };
  }
}

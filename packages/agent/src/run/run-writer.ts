// Everything one run says, gathered into few appends to its spool: output as lines, tokens joined, events in their order.
// Called for each thing said, so it must be cheap; what is sent when is the link's business.

import { type Clock, systemClock } from '../clock.ts';
import type { DroppedMessages, RunEvent } from '../run-events.ts';
import { runBounds } from '../run-state.ts';
import type { AppendOptions, Spool } from '../spool/spool.ts';
import { createFloodGauge, thin } from './flood.ts';
import { createLineSplitter, type LinePiece, type LineSplitter, partsOf, pieceOf } from './line-splitter.ts';

export type OutputStream = 'out' | 'err';

/** An event without its time, which the writer knows. */
export type Said = RunEvent extends infer Event ? (Event extends RunEvent ? Omit<Event, 'at'> : never) : never;

export interface RunWriter {
  event(said: Said): void;
  /** Bytes of a process's output. */
  output(stream: OutputStream, bytes: Uint8Array): void;
  /** One or more whole lines. */
  log(text: string, step: string | undefined): void;
  /** A piece of a text; pieces of one `id` that come close together leave as one. */
  text(id: string, piece: string, step: string | undefined): void;
  /** Closes open lines, says these last words and writes everything down. Nothing is said after it. */
  end(last: readonly Said[], options: AppendOptions): void;
  /** Writes down what has been gathered: before the process ends, for one. */
  flush(): void;
}

/** How long what was said may wait for company, in milliseconds: a kill -9 takes no more than that. */
const gatherMs = 50;
/** Most that is gathered: about what one frame takes. */
const mostItems = 500;
const mostCharacters = 32 * 1024;
/** What an event weighs beside its text, roughly. */
const eventCharacters = 60;
/** How long an unfinished line is held back, in milliseconds: a progress bar is one that never ends. */
const showMs = 250;

type OpenText = { text: string } & Readonly<Omit<Extract<RunEvent, { type: 'text' }>, 'text'>>;

export function createRunWriter(
  spool: Pick<Spool, 'append' | 'dropped'>,
  channel: string,
  clock: Clock = systemClock,
): RunWriter {
  let gathered: RunEvent[] = [];
  let characters = 0;
  /** Gathered texts that can be continued: until something else is said, whose place among them must stay. */
  const open = new Map<string, OpenText>();
  let isOver = false;
  /** When the bytes at hand were read: one look at the clock for all their lines. */
  let readAt = 0;
  const gauge = createFloodGauge(spool, clock);
  /** Lines that were left out since the last one that was not. */
  let leftOut: DroppedMessages | undefined;
  let cancelFlush: (() => void) | undefined;
  let cancelShow: (() => void) | undefined;

  function flush(options?: AppendOptions): void {
    cancelFlush?.();
    cancelFlush = undefined;
    open.clear();
    if (gathered.length === 0) return;
    const events = gathered;
    gathered = [];
    characters = 0;
    spool.append(channel, events, options);
  }
  function weigh(more: number): void {
    characters += more;
    if (gathered.length >= mostItems || characters >= mostCharacters) flush();
    else cancelFlush ??= clock.after(gatherMs, () => flush());
  }
  function say(event: RunEvent, length = 0): void {
    open.clear();
    gathered.push(event);
    weigh(length + eventCharacters);
  }
  /** A gap stands where its lines would be: before whatever comes next. */
  function sayLeftOut(): void {
    if (leftOut !== undefined) say(leftOut);
    leftOut = undefined;
  }
  function leaveOut(count: number): void {
    const from = leftOut?.from ?? readAt;
    leftOut = { type: 'gap', at: readAt, count: (leftOut?.count ?? 0) + count, from, to: readAt, reason: 'spool-full' };
  }
  function splitterOf(stream: OutputStream): LineSplitter {
    return createLineSplitter((piece: LinePiece) => {
      sayLeftOut();
      const line = { type: 'line', at: readAt, ...piece } as const;
      say(stream === 'out' ? line : { ...line, stream }, piece.text.length);
    });
  }
  const splitters: Readonly<Record<OutputStream, LineSplitter>> = { out: splitterOf('out'), err: splitterOf('err') };
  function show(): void {
    cancelShow = undefined;
    readAt = clock.now();
    splitters.out.show();
    splitters.err.show();
  }

  return {
    event(said) {
      if (!isOver) say({ ...said, at: clock.now() });
    },
    output(stream, bytes) {
      if (isOver) return;
      const splitter = splitters[stream];
      readAt = clock.now();
      const { head, lines, tail } = gauge.isFlood(bytes.length)
        ? thin(bytes)
        : { head: bytes, lines: 0, tail: undefined };
      splitter.write(head);
      if (lines > 0) leaveOut(lines);
      if (tail !== undefined) splitter.write(tail);
      if (splitter.isHolding) cancelShow ??= clock.after(showMs, show);
    },
    log(text, step) {
      if (isOver) return;
      const at = clock.now();
      for (const piece of text.split('\n').flatMap((line) => partsOf(line))) {
        const line = { type: 'line', at, ...piece } as const;
        say(step === undefined ? line : { ...line, step }, piece.text.length);
      }
    },
    text(id, piece, step) {
      if (isOver) return;
      for (let from = 0; from < piece.length;) {
        const before = open.get(id);
        const text = pieceOf(piece, from, runBounds.lineCharacters - (before?.text.length ?? 0));
        from += text.length;
        if (text === '') open.delete(id);
        else if (before !== undefined) {
          before.text += text;
          weigh(text.length);
        } else {
          const begun: OpenText = { type: 'text', at: clock.now(), id, text, ...(step === undefined ? {} : { step }) };
          gathered.push(begun);
          open.set(id, begun);
          weigh(text.length + eventCharacters);
        }
      }
    },
    end(last, options) {
      if (isOver) return;
      cancelShow?.();
      readAt = clock.now();
      splitters.out.end();
      splitters.err.end();
      sayLeftOut();
      flush();
      isOver = true;
      gathered = last.map((said) => ({ ...said, at: clock.now() }));
      flush(options);
    },
    flush: () => flush(),
  };
}

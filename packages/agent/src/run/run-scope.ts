// What a program holds while one of its runs, or a step of it, is under way: the calls that say something. Everything said
// is cut to what the hub takes, so that no text, however long, costs more than itself.

import { randomBytes } from 'node:crypto';
import type { AttributeValue } from '../run-events.ts';
import { recordBounds } from '../spool/record.ts';
import { pieceOf } from './line-splitter.ts';
import type { RunWriter } from './run-writer.ts';

/** A text that is written bit by bit, as a language model does. */
export interface TextWriter {
  /** Adds a piece. Cheap: what comes within 50 ms leaves as one. */
  write(piece: string): void;
  /** Says that it is whole. */
  end(): void;
}

/** A step of a run. */
export interface Step {
  readonly id: string;
  /** Fires when somebody cancels the run; its reason says who. */
  readonly signal: AbortSignal;
  /**
   * Does a part of the work, shown as a step inside this one: its result is the body's, and what the body throws ends
   * the step as failed and is thrown on.
   */
  step<Result>(name: string, body: (step: Step) => Result | Promise<Result>): Promise<Result>;
  /** Says a line, or several. */
  log(text: string): void;
  /** Begins a text. The same `id` continues one; without it, it is a new one. */
  text(id?: string): TextWriter;
  /** Sets attributes, however many; those that are set already change. A text that is too long is cut, and ends with `…`. */
  set(attributes: Readonly<Record<string, AttributeValue>>): void;
}

/** A run under way. */
export interface Run extends Step {
  /** How far it is, from 0 to 1, and in words if you like. */
  progress(done: number, note?: string): void;
}

/** Bounds of what the hub takes, in characters. */
const bounds = { name: 256, note: 256, id: 64, error: 2000, key: 128, value: 2000, attributes: 100 };

/** A text cut to so many characters, none of them in two. */
export function bounded(text: string, most: number): string {
  return text.length <= most ? text : pieceOf(text, 0, most);
}

/** What is recorded of something thrown: its message, never its stack or its fields. */
export function errorText(error: unknown): string {
  return bounded(error instanceof Error ? error.message : String(error), bounds.error);
}

/** A name for people; one that is empty gets the other. */
export function nameOr(name: string, otherwise: string): string {
  return name === '' ? otherwise : bounded(name, bounds.name);
}

function newId(): string {
  return randomBytes(6).toString('hex');
}

function attributeOf(value: AttributeValue): AttributeValue {
  if (typeof value !== 'string' || value.length <= bounds.value) return value;
  return `${bounded(value, bounds.value - 1)}…`;
}

/** Attributes in as many sets as it takes: the hub takes so many in one event, and a record holds so many bytes. */
function attributeSets(given: Readonly<Record<string, AttributeValue>>): readonly Record<string, AttributeValue>[] {
  const sets: [string, AttributeValue][][] = [];
  let bytes = 0;
  for (const [key, value] of Object.entries(given)) {
    if (key === '') continue;
    const entry: [string, AttributeValue] = [bounded(key, bounds.key), attributeOf(value)];
    const size = Buffer.byteLength(JSON.stringify(entry));
    const last = sets.at(-1);
    const fits = last !== undefined && last.length < bounds.attributes && bytes + size <= recordBounds.bytes;
    if (fits) last.push(entry);
    else sets.push([entry]);
    bytes = fits ? bytes + size : size;
  }
  return sets.map((entries) => Object.fromEntries(entries));
}

/** The calls of a run, or with `id` of one of its steps. */
export function createStep(writer: RunWriter, signal: AbortSignal, id: string | undefined): Step {
  const ofStep = id === undefined ? {} : { step: id };
  return {
    id: id ?? '',
    signal,
    async step(name, body) {
      const own = newId();
      const parent = id === undefined ? {} : { parent: id };
      writer.event({ type: 'step', id: own, ...parent, name: nameOr(name, 'step') });
      try {
        const result = await body(createStep(writer, signal, own));
        writer.event({ type: 'step-ended', id: own, outcome: 'succeeded' });
        return result;
      } catch (error) {
        const outcome = signal.aborted ? 'cancelled' : 'failed';
        writer.event({ type: 'step-ended', id: own, outcome, error: errorText(error) });
        throw error;
      }
    },
    log: (text) => writer.log(text, id),
    text(name = '') {
      const text = name === '' ? newId() : bounded(name, bounds.id);
      return {
        write: (piece) => writer.text(text, piece, id),
        end: () => writer.event({ type: 'text', id: text, text: '', ...ofStep, isLast: true }),
      };
    },
    set(attributes) {
      for (const set of attributeSets(attributes)) writer.event({ type: 'attributes', set, ...ofStep });
    },
  };
}

/** The calls of a run. */
export function createRun(writer: RunWriter, signal: AbortSignal, run: string): Run {
  return {
    ...createStep(writer, signal, undefined),
    id: run,
    progress(done, note) {
      const share = Math.min(1, Math.max(0, Number.isFinite(done) ? done : 0));
      writer.event({
        type: 'progress',
        done: share,
        ...(note === undefined ? {} : { note: bounded(note, bounds.note) }),
      });
    },
  };
}

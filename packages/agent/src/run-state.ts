// What the events of a run come to: the fold that makes steps, attributes and progress of them, and its bounds. Pure and
// without Node: the hub folds events into storage, and pages fold on from the hub's snapshot.

import type { AttributeValue, RunEvent, RunOutcome } from './run-events.ts';

export interface StepState {
  readonly id: string;
  readonly parent?: string;
  readonly name: string;
  readonly startedAt: number;
  readonly endedAt?: number;
  readonly outcome?: RunOutcome;
  readonly error?: string;
  readonly attributes: ReadonlyMap<string, AttributeValue>;
}

/** What the events of a run come to. */
export interface RunState {
  readonly started?: Extract<RunEvent, { type: 'started' }>;
  readonly ended?: Extract<RunEvent, { type: 'ended' }>;
  readonly cancelling?: Extract<RunEvent, { type: 'cancelling' }>;
  readonly progress?: Extract<RunEvent, { type: 'progress' }>;
  /** In the order in which they began. */
  readonly steps: ReadonlyMap<string, StepState>;
  readonly attributes: ReadonlyMap<string, AttributeValue>;
  /** Whole lines of output. */
  readonly lines: number;
  /** Lines that the sender had to drop. */
  readonly dropped: number;
  /** What steps and attributes take: their characters, and something for each. */
  readonly size: number;
}

/** Bounds of what is remembered of one run; what is over them stays in the stream and is left out here. */
export const runBounds: {
  readonly steps: number;
  /** Of the run, and of each step. */
  readonly attributes: number;
  /** All steps and attributes together. */
  readonly size: number;
  readonly lineCharacters: number;
} = {
  steps: 2000,
  attributes: 200,
  size: 256 * 1024,
  lineCharacters: 8192,
};

export const newRun: RunState = { steps: new Map(), attributes: new Map(), lines: 0, dropped: 0, size: 0 };

/** What is so after one more event. Answers the same object where nothing changed. Keys are data: only Maps hold them. */
export function foldRun(state: RunState, event: RunEvent): RunState {
  return foldRunEvents(state, [event]);
}

/** What is so after some more events: as one after the other, but steps and attributes are copied once for all of them. */
export function foldRunEvents(state: RunState, events: Iterable<RunEvent>): RunState {
  const fold = new Fold(state);
  for (const event of events) fold.add(event);
  return fold.state;
}

/** Roughly what a step or an attribute takes beside its characters. */
const itemSize = 48;

/** One fold under way: what came in is never changed, what was copied for this fold is changed in place. */
class Fold {
  #state: RunState;
  #isCopied = false;
  #steps: Map<string, StepState> | undefined;
  readonly #copies = new Set<ReadonlyMap<string, AttributeValue>>();

  constructor(state: RunState) {
    this.#state = state;
  }

  get state(): RunState {
    return this.#state;
  }

  add(event: RunEvent): void {
    const { started, cancelling, lines, dropped } = this.#state;
    switch (event.type) {
      case 'started':
        // Said once; what comes again after a retry says the same.
        if (started === undefined) this.#change({ started: event });
        return;
      case 'line':
        if (event.more !== true) this.#change({ lines: lines + 1 });
        return;
      case 'text':
        return;
      case 'step':
        this.#begin(event);
        return;
      case 'step-ended':
        this.#end(event);
        return;
      case 'progress':
        this.#change({ progress: event });
        return;
      case 'attributes':
        this.#setAttributes(event);
        return;
      case 'gap':
        this.#change({ dropped: dropped + event.count });
        return;
      case 'cancelling':
        if (cancelling === undefined) this.#change({ cancelling: event });
        return;
      case 'ended':
        this.#over(event);
        return;
    }
  }

  #change(change: Partial<RunState>): void {
    this.#state = this.#isCopied ? Object.assign(this.#state, change) : { ...this.#state, ...change };
    this.#isCopied = true;
  }

  #setStep(step: StepState): void {
    this.#steps ??= new Map(this.#state.steps);
    this.#steps.set(step.id, step);
    this.#change({ steps: this.#steps });
  }

  /** Takes room for something to remember; false where there is none. What shrinks gives it back. */
  #takeRoom(size: number): boolean {
    if (size > 0 && this.#state.size + size > runBounds.size) return false;
    this.#change({ size: this.#state.size + size });
    return true;
  }

  #begin({ id, parent, name, at }: Extract<RunEvent, { type: 'step' }>): void {
    const { steps } = this.#state;
    if (steps.has(id) || steps.size >= runBounds.steps) return;
    if (!this.#takeRoom(itemSize + id.length + name.length + (parent?.length ?? 0))) return;
    this.#setStep({ id, name, startedAt: at, attributes: new Map(), ...(parent === undefined ? {} : { parent }) });
  }

  #end({ id, at, outcome, error }: Extract<RunEvent, { type: 'step-ended' }>): void {
    const step = this.#state.steps.get(id);
    if (step === undefined || step.outcome !== undefined) return;
    const said = error !== undefined && this.#takeRoom(error.length) ? { error } : {};
    this.#setStep({ ...step, endedAt: at, outcome, ...said });
  }

  #setAttributes({ step: id, set }: Extract<RunEvent, { type: 'attributes' }>): void {
    if (id === undefined) return this.#change({ attributes: this.#merged(this.#state.attributes, set) });
    const step = this.#state.steps.get(id);
    if (step !== undefined) this.#setStep({ ...step, attributes: this.#merged(step.attributes, set) });
  }

  #merged(
    attributes: ReadonlyMap<string, AttributeValue>,
    set: Readonly<Record<string, AttributeValue>>,
  ): ReadonlyMap<string, AttributeValue> {
    const next = this.#copies.has(attributes) ? (attributes as Map<string, AttributeValue>) : new Map(attributes);
    this.#copies.add(next);
    for (const [key, value] of Object.entries(set)) {
      const before = next.get(key);
      if (before === undefined && next.size >= runBounds.attributes) continue;
      if (this.#takeRoom(sizeOf(key, value) - (before === undefined ? 0 : sizeOf(key, before)))) next.set(key, value);
    }
    return next;
  }

  /** The end of a run ends the steps that had none. A machine that called a run lost may be corrected by the run itself. */
  #over(event: Extract<RunEvent, { type: 'ended' }>): void {
    const { ended, steps } = this.#state;
    if (ended !== undefined && (ended.outcome !== 'lost' || event.outcome === 'lost')) return;
    this.#steps = new Map(
      [...steps].map(([id, step]) => [
        id,
        step.outcome === undefined || step.outcome === 'lost'
          ? { ...step, endedAt: event.at, outcome: event.outcome }
          : step,
      ]),
    );
    this.#change({ ended: event, steps: this.#steps });
  }
}

function sizeOf(key: string, value: AttributeValue): number {
  return itemSize + key.length + (typeof value === 'string' ? value.length : 0);
}

/** A run's state as JSON: what the hub stores and answers. */
export interface RunStateJson extends Omit<RunState, 'steps' | 'attributes'> {
  readonly steps: readonly (Omit<StepState, 'attributes'> & {
    readonly attributes: readonly (readonly [string, AttributeValue])[];
  })[];
  readonly attributes: readonly (readonly [string, AttributeValue])[];
}

export function runToJson(state: RunState): RunStateJson {
  return {
    ...state,
    steps: [...state.steps.values()].map((step) => ({ ...step, attributes: [...step.attributes] })),
    attributes: [...state.attributes],
  };
}

export function runFromJson(json: RunStateJson): RunState {
  return {
    ...json,
    steps: new Map(json.steps.map((step) => [step.id, { ...step, attributes: new Map(step.attributes) }])),
    attributes: new Map(json.attributes),
  };
}

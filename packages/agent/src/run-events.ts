// What a run says in its stream `runs/<run>`, and what a log file says in `logs/<agent>/<file>`: the shapes of their
// messages, and the fold that makes a run's steps, attributes and progress of them. Pure and without Node: agents write
// these, the hub folds them into storage, and pages fold on from the hub's snapshot.

/** Why something is missing: the sender's spool was full, or its disk took no more. */
export type GapReason = 'spool-full' | 'disk-full';

/** In the place of what a sender had to drop before it was sent: exactly how many lines or samples, and of when. */
export interface DroppedMessages {
  readonly type: 'gap';
  readonly at: number;
  readonly count: number;
  /** When the first and the last of them were taken, by the sender's clock. */
  readonly from: number;
  readonly to: number;
  readonly reason: GapReason;
}

/**
 * A line, or a part of one. A line longer than a message may be, and one whose end has not come yet, is split: every
 * piece has its number in `part`, from 0, and all but the last say `more`. Joined, the pieces are the line.
 */
export interface Line {
  readonly type: 'line';
  /** When it was read, in milliseconds since the epoch by the sender's clock. */
  readonly at: number;
  /** Without its line feed. Bytes that are no UTF-8 arrive as U+FFFD. */
  readonly text: string;
  readonly part?: number;
  readonly more?: true;
}

/** A message of `logs/<agent>/<file>`. */
export type LogMessage = Line | DroppedMessages;

export type AttributeValue = string | number | boolean | null;

export type RunOutcome = 'succeeded' | 'failed' | 'cancelled' | 'lost';

/** A message of `runs/<run>`. */
export type RunEvent =
  | {
      readonly type: 'started';
      readonly at: number;
      readonly name: string;
      /** As typed, for people. */
      readonly command?: string;
      /** Who started it: a login name of the machine, or what the program says. */
      readonly by?: string;
    }
  /** One line of output. `stream` absent: standard output. */
  | (Line & { readonly stream?: 'err'; readonly step?: string })
  /** A piece of a text that is written bit by bit, as a language model does; pieces of one `id` belong together. */
  | {
      readonly type: 'text';
      readonly at: number;
      readonly id: string;
      readonly text: string;
      readonly step?: string;
      readonly isLast?: true;
    }
  | {
      readonly type: 'step';
      readonly at: number;
      readonly id: string;
      readonly parent?: string;
      readonly name: string;
    }
  | {
      readonly type: 'step-ended';
      readonly at: number;
      readonly id: string;
      readonly outcome: Exclude<RunOutcome, 'lost'>;
      readonly error?: string;
    }
  /** `done` from 0 to 1. */
  | { readonly type: 'progress'; readonly at: number; readonly done: number; readonly note?: string }
  | {
      readonly type: 'attributes';
      readonly at: number;
      readonly set: Readonly<Record<string, AttributeValue>>;
      readonly step?: string;
    }
  | DroppedMessages
  /** The process has been told to end, because somebody pressed Cancel. */
  | { readonly type: 'cancelling'; readonly at: number; readonly by: string }
  | {
      readonly type: 'ended';
      readonly at: number;
      readonly outcome: RunOutcome;
      readonly exitCode?: number;
      readonly signal?: string;
      readonly error?: string;
      /** JSON of the result, where a program gave one. */
      readonly result?: unknown;
    };

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
}

/** Bounds of what is remembered of one run; what is over them stays in the stream and is left out here. */
export const runBounds: { readonly steps: number; readonly attributes: number; readonly lineCharacters: number } = {
  steps: 2000,
  attributes: 200,
  lineCharacters: 8192,
};

export const newRun: RunState = { steps: new Map(), attributes: new Map(), lines: 0, dropped: 0 };

/** What is so after one more event. Answers the same object where nothing changed. Keys are data: only Maps hold them. */
export function foldRun(state: RunState, event: RunEvent): RunState {
  switch (event.type) {
    case 'started':
      // Said once; what comes again after a retry says the same.
      return state.started === undefined ? { ...state, started: event } : state;
    case 'line':
      return event.more === true ? state : { ...state, lines: state.lines + 1 };
    case 'text':
      return state;
    case 'step':
      return withStep(state, event.id, (step) => step ?? begun(event));
    case 'step-ended':
      return withStep(state, event.id, (step) =>
        step === undefined || step.outcome !== undefined
          ? step
          : {
              ...step,
              endedAt: event.at,
              outcome: event.outcome,
              ...(event.error === undefined ? {} : { error: event.error }),
            },
      );
    case 'progress':
      return { ...state, progress: event };
    case 'attributes': {
      const { step: id, set } = event;
      if (id === undefined) return { ...state, attributes: merged(state.attributes, set) };
      return withStep(state, id, (step) => step && { ...step, attributes: merged(step.attributes, set) });
    }
    case 'gap':
      return { ...state, dropped: state.dropped + event.count };
    case 'cancelling':
      return state.cancelling === undefined ? { ...state, cancelling: event } : state;
    case 'ended':
      return over(state, event);
  }
}

function begun({ id, parent, name, at }: Extract<RunEvent, { type: 'step' }>): StepState {
  return { id, name, startedAt: at, attributes: new Map(), ...(parent === undefined ? {} : { parent }) };
}

function withStep(
  state: RunState,
  id: string,
  change: (step: StepState | undefined) => StepState | undefined,
): RunState {
  const before = state.steps.get(id);
  const after = change(before);
  if (after === undefined || after === before) return state;
  if (before === undefined && state.steps.size >= runBounds.steps) return state;
  return { ...state, steps: new Map(state.steps).set(id, after) };
}

function merged(
  attributes: ReadonlyMap<string, AttributeValue>,
  set: Readonly<Record<string, AttributeValue>>,
): ReadonlyMap<string, AttributeValue> {
  const next = new Map(attributes);
  for (const [key, value] of Object.entries(set)) {
    if (next.size < runBounds.attributes || next.has(key)) next.set(key, value);
  }
  return next;
}

/** The end of a run ends the steps that had none. A machine that called a run lost may be corrected by the run itself. */
function over(state: RunState, event: Extract<RunEvent, { type: 'ended' }>): RunState {
  if (state.ended !== undefined && state.ended.outcome !== 'lost') return state;
  const steps = new Map(
    [...state.steps].map(([id, step]) => [
      id,
      step.outcome === undefined || step.outcome === 'lost'
        ? { ...step, endedAt: event.at, outcome: event.outcome }
        : step,
    ]),
  );
  return { ...state, ended: event, steps };
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

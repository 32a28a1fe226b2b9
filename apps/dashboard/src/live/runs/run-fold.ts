// What the events of one run come to: the hub's snapshot, and every event after its position folded on. Pure. Where an
// event is missing between the two, what is known stays, and a newer snapshot is asked for.

import type { RunEvent } from '@telltale/agent/run-events';
import { foldRunEvents, newRun, runFromJson, type RunState } from '@telltale/agent/run-state';
import type { RunSnapshot } from '@telltale/hub/api';

export interface RunMessage {
  readonly offset: number;
  readonly data: unknown;
}

export interface RunFold {
  /** Undefined: nothing is known so far. */
  readonly state: RunState | undefined;
  /** Events are missing behind what `state` is of: only a newer snapshot helps. */
  readonly isBehind: boolean;
  take(epoch: string, messages: readonly RunMessage[]): void;
  takeSnapshot(snapshot: Pick<RunSnapshot, 'state' | 'position'>): void;
}

/** Events kept for the snapshot that is on its way. */
const mostKept = 20_000;

export function createRunFold(): RunFold {
  let state: RunState | undefined;
  /** The life of the log that `state` is of, and the last event that is in it. */
  let at: { readonly epoch: string | undefined; readonly offset: number } = { epoch: undefined, offset: 0 };
  let waiting: { readonly epoch: string; messages: readonly RunMessage[] } | undefined;
  let isBehind = false;

  /** Folds what follows without a hole; keeps the rest. */
  const fold = (epoch: string, messages: readonly RunMessage[]): void => {
    const fresh = at.epoch === epoch ? messages.filter(({ offset }) => offset > at.offset) : messages;
    const [first] = fresh;
    if (first === undefined) {
      waiting = undefined;
      isBehind = false;
      return;
    }
    // A log that had no message yet has no epoch: its first one begins it.
    const follows =
      state !== undefined && (at.epoch === epoch || at.epoch === undefined) && first.offset === at.offset + 1;
    if (state === undefined || !follows || !isUnbroken(fresh)) {
      waiting = { epoch, messages: fresh.slice(-mostKept) };
      isBehind = state !== undefined;
      return;
    }
    state = foldRunEvents(state, fresh.map(({ data }) => data).filter(isRunEvent));
    at = { epoch, offset: fresh.at(-1)?.offset ?? at.offset };
    waiting = undefined;
    isBehind = false;
  };

  return {
    get state() {
      return state;
    },
    get isBehind() {
      return isBehind;
    },
    take(epoch, messages) {
      if (messages.length === 0) return;
      const before = waiting?.epoch === epoch ? waiting.messages : [];
      const last = before.at(-1)?.offset ?? 0;
      fold(epoch, before.length === 0 ? messages : [...before, ...messages.filter(({ offset }) => offset > last)]);
    },
    takeSnapshot({ state: json, position }) {
      if (state !== undefined && position?.epoch === at.epoch && (position?.offset ?? 0) < at.offset) return;
      state = position === null ? newRun : runFromJson(json);
      at = { epoch: position?.epoch, offset: position?.offset ?? 0 };
      if (waiting === undefined) isBehind = false;
      else fold(waiting.epoch, waiting.messages);
    },
  };
}

function isUnbroken(messages: readonly RunMessage[]): boolean {
  const [first] = messages;
  const last = messages.at(-1);
  return first === undefined || last === undefined || last.offset - first.offset === messages.length - 1;
}

const types: ReadonlySet<unknown> = new Set([
  'started',
  'line',
  'text',
  'step',
  'step-ended',
  'progress',
  'attributes',
  'gap',
  'cancelling',
  'ended',
] satisfies readonly RunEvent['type'][]);

/** The hub judges each event by its schema; a newer agent's own kinds are passed over. */
function isRunEvent(data: unknown): data is RunEvent {
  return typeof data === 'object' && data !== null && 'type' in data && types.has(data.type);
}

// Which answer belongs to which request of this session. Ids mean nothing beyond it.

import type { ErrorFrame, ResultFrame } from '@telltale/protocol';

/** Called once: with the answer, or with undefined if the session ended without one. */
export type OnAnswer = (answer: ResultFrame | ErrorFrame | undefined) => void;

export interface Requests {
  /** Registers a request; returns its id. Without a callback the answer is left to who reads frames. */
  add(onAnswer: OnAnswer | undefined): number;
  /** False: nobody asked. */
  answer(id: number | undefined, frame: ResultFrame | ErrorFrame): boolean;
  /** Answered by another frame than `result` or `error`. */
  drop(id: number | undefined): void;
  /** The session is over. */
  clear(): void;
}

// Smaller ids are left to applications that send frames of their own.
const firstId = 1_000_000_000;

export function createRequests(): Requests {
  const waiting = new Map<number, OnAnswer>();
  let nextId = firstId;
  return {
    add(onAnswer) {
      if (onAnswer) waiting.set(nextId, onAnswer);
      return nextId++;
    },
    answer(id, frame) {
      waiting.get(id as number)?.(frame);
      return waiting.delete(id as number);
    },
    drop(id) {
      waiting.delete(id as number);
    },
    clear() {
      const left = [...waiting.values()];
      waiting.clear();
      for (const onAnswer of left) onAnswer(undefined);
    },
  };
}

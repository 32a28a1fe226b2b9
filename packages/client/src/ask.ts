// What is asked now or never: calls, publishes that may not wait, requests of the application's own. None of them is ever
// sent again, so none waits behind anything or needs a number. Part of the chunk that loads late.

import type {
  BatchItem,
  CallFrame,
  ClientFrame,
  ErrorFrame,
  PublishFrame,
  PublishResult,
  ResultFrame,
} from '@telltale/protocol';
import type { OnAnswer, Requests } from './requests.ts';
import type { CallError, PublishOutcome, RequestFrame } from './types.ts';

export interface AskWorld {
  readonly requests: Requests;
  /** False: no session. */
  send(frame: ClientFrame): boolean;
}

/** Calls a method; rejects with a `CallError`. */
export function call(world: AskWorld, method: string, params: unknown = null): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const fail = (code: number, message: string, retryable: boolean) => {
      const error: CallError = Object.assign(new Error(message), { name: 'CallError', code, retryable });
      reject(error);
    };
    const away = () => fail(1006, 'found no open line, or it broke before the answer', true);
    const isSent = ask(
      world,
      (id) => ({ type: 'call', id, method, params }),
      (answer) => {
        if (answer === undefined) away();
        else if (answer.type === 'error') fail(answer.code, answer.message, answer.retryable);
        else resolve(answer.data);
      },
    );
    if (!isSent) away();
  });
}

/** Publishes without a number. */
export function publishNow(world: AskWorld, channel: string, item: BatchItem): Promise<PublishOutcome> {
  return new Promise((resolve) => {
    const isSent = ask(
      world,
      (id) => ({ type: 'publish', id, channel, ...item }),
      (answer) => {
        if (answer === undefined) resolve({ kind: 'expired', uncertain: true });
        else if (answer.type === 'error') resolve({ kind: 'refused', code: answer.code, message: answer.message });
        else resolve({ kind: 'published', result: answer.data as PublishResult });
      },
    );
    if (!isSent) resolve({ kind: 'expired', uncertain: false });
  });
}

/** Sends a request of the application's own. */
export function askFrame(world: AskWorld, frame: RequestFrame): Promise<ResultFrame | ErrorFrame | undefined> {
  return new Promise((resolve) => {
    if (!ask(world, (id) => ({ ...frame, id }) as PublishFrame | CallFrame, resolve)) resolve(undefined);
  });
}

function ask(
  { requests, send }: AskWorld,
  frame: (id: number) => PublishFrame | CallFrame,
  onAnswer: OnAnswer,
): boolean {
  const id = requests.add(onAnswer);
  const isSent = send(frame(id));
  if (!isSent) requests.drop(id);
  return isSent;
}

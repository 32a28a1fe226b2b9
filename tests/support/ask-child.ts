// A process of its own that a test asks things: heavy loads run there, so that what one measures the other does not pay
// for. The program answers by answer.mjs; whatever ends it early fails the question that waits.

import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';

export interface AskedChild extends AsyncDisposable {
  readonly pid: number;
  /** Calls the child's function of this name. Rejects with its error, with its end, or after `withinMs` (default 60 s). */
  ask<Answer>(what: string, value?: unknown, withinMs?: number): Promise<Answer>;
}

interface Waiting {
  readonly resolve: (value: never) => void;
  readonly reject: (error: Error) => void;
}

/** Starts a program of `tests/`, with one value for it; resolves when it can be asked. */
export async function startChild(name: string, value: unknown = {}): Promise<AskedChild> {
  const program = fileURLToPath(new URL(`../${name}`, import.meta.url));
  const child = fork(program, [JSON.stringify(value)], { execArgv: [] });
  const waiting = new Map<number, Waiting>();
  let hasEnded = false;
  const ended = new Promise<void>((resolve) => {
    child.once('exit', (code, signal) => {
      hasEnded = true;
      for (const { reject } of waiting.values()) reject(new Error(`${name} ended with ${code ?? signal}`));
      resolve();
    });
  });
  child.on('message', ({ id, fault, value: answered }: { id: number; fault?: string; value: unknown }) => {
    const one = waiting.get(id);
    waiting.delete(id);
    if (fault === undefined) one?.resolve(answered as never);
    else one?.reject(new Error(`${name}: ${fault}`));
  });
  const wait = <Answer>(id: number, what: string, withinMs: number): Promise<Answer> =>
    new Promise((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error(`${name} did not answer "${what}" in ${withinMs} ms`)), withinMs);
      const over =
        <Value>(go: (value: Value) => void) =>
        (settled: Value): void => {
          clearTimeout(timer);
          go(settled);
        };
      waiting.set(id, { resolve: over(resolve), reject: over(reject) });
    });
  let id = 0;
  await wait(0, 'start', 30_000);
  return {
    pid: child.pid as number,
    ask(what, asked, withinMs = 60_000) {
      if (hasEnded) throw new Error(`${name} has ended`);
      child.send({ id: ++id, what, value: asked });
      return wait(id, what, withinMs);
    },
    async [Symbol.asyncDispose]() {
      if (!hasEnded) child.kill('SIGKILL');
      await ended;
    },
  };
}

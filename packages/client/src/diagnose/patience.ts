// The time of an examination: each step may take some, all together no more than the whole, and whoever does not answer
// is not waited for.

import type { Environment } from '../environment.ts';

export interface Patience {
  /** Milliseconds since it began, and until it must end. */
  took(): number;
  left(): number;
  /** The promise's value, or undefined when it failed or so much time, or all of it, is used up. */
  within<Value>(ms: number, promise: Promise<Value>): Promise<Value | undefined>;
}

export function createPatience({ now, after }: Environment, withinMs: number): Patience {
  const begun = now();
  const left = () => Math.max(0, begun + withinMs - now());
  return {
    took: () => now() - begun,
    left,
    within: (ms, promise) =>
      new Promise((resolve) => {
        const cancel = after(Math.min(ms, left()), () => resolve(undefined));
        promise.then(
          (value) => {
            cancel();
            resolve(value);
          },
          () => {
            cancel();
            resolve(undefined);
          },
        );
      }),
  };
}

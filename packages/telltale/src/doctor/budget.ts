// The time of an examination: each step may take some, all together no more than the whole. Against silence too, a
// diagnosis comes while the person still waits for it.

export interface Budget {
  /** How long the next step may take, in milliseconds: its usual share, or less if less is left. */
  step(): number;
  /** Milliseconds that are left of the whole. */
  left(): number;
  /** Gives more to the whole, for what was asked for and takes its time. */
  extend(byMs: number): void;
}

export function createBudget({ wholeMs, stepMs }: { readonly wholeMs: number; readonly stepMs: number }): Budget {
  let deadline = performance.now() + wholeMs;
  const left = (): number => Math.max(0, deadline - performance.now());
  return {
    step: () => Math.max(1, Math.min(stepMs, left())),
    left,
    extend: (byMs) => void (deadline += byMs),
  };
}

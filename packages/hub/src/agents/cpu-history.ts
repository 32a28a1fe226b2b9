// The CPU of one agent in steps of ten seconds, for the small line beside its name. Pure: samples in, steps out; time is
// the samples' own.

import type { Sample } from '@telltale/agent/sample';

const stepMs = 10_000;
/** A quarter of an hour. */
const mostSteps = 90;

export class CpuHistory {
  /** By the number of the step since the epoch. */
  readonly #steps = new Map<number, { sum: number; count: number }>();

  /** Takes the next sample in the order in which they were taken. */
  add(sample: Pick<Sample, 'at' | 'cpu'>): void {
    const step = stepOf(sample);
    this.#count(step, sample);
    for (const other of this.#steps.keys()) {
      // A later one is of a clock that has been set back since.
      if (other > step || other <= step - mostSteps) this.#steps.delete(other);
    }
  }

  /** Takes samples of before the first it has. */
  addEarlier(samples: readonly Pick<Sample, 'at' | 'cpu'>[]): void {
    const [first, last] = this.#ends;
    for (const sample of samples) {
      const step = stepOf(sample);
      if (step < first && step > last - mostSteps) this.#count(step, sample);
    }
  }

  /** Means of the steps, oldest first, up to the newest sample's; null: a hole. */
  get means(): readonly (number | null)[] {
    if (this.#steps.size === 0) return [];
    const [first, last] = this.#ends;
    return Array.from({ length: last - first + 1 }, (_, index) => {
      const step = this.#steps.get(first + index);
      return step === undefined ? null : Math.round((step.sum / step.count) * 10) / 10;
    });
  }

  get #ends(): readonly [number, number] {
    const numbers = [...this.#steps.keys()];
    return [Math.min(...numbers), Math.max(...numbers)];
  }

  #count(step: number, { cpu }: Pick<Sample, 'cpu'>): void {
    const { sum, count } = this.#steps.get(step) ?? { sum: 0, count: 0 };
    this.#steps.set(step, { sum: sum + cpu.total, count: count + 1 });
  }
}

function stepOf({ at }: Pick<Sample, 'at'>): number {
  return Math.floor(at / stepMs);
}

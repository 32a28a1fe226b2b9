// The publishes of one session, in their order: each is appended when those before it have been, and waits for its answer
// while the next one is appended already. So what a validator or a commit takes delays nobody behind more than it must.

import type { Published } from '../types.ts';
import type { Append } from './publisher.ts';
import { mostUnderWay } from './session-context.ts';
import type { Session } from './session.ts';

export class PublishQueue {
  readonly #session: Pick<Session, 'end' | 'crash'>;
  /** Publishes that have no answer yet. */
  #underWay = 0;
  /** Resolves when the last publish has been handed to the broker; undefined while none waits for that. */
  #handingOver: Promise<void> | undefined;

  constructor(session: Pick<Session, 'end' | 'crash'>) {
    this.#session = session;
  }

  /**
   * Checks and appends behind those before. `answer` is called once, at once where nobody has to wait. Answers false
   * where too many are without an answer.
   */
  add(check: () => Append | Promise<Append>, answer: (published: Published) => void): boolean {
    if (this.#underWay >= mostUnderWay) return false;
    const checked = this.#handingOver === undefined ? check() : this.#handingOver.then(() => this.#unlessEnded(check));
    if (checked instanceof Promise) {
      let outcome: ReturnType<Append> | undefined;
      const handedOver = checked.then((append) => {
        outcome = append?.();
      });
      this.#handOver(handedOver);
      this.#await(handedOver.then(() => outcome).then((published) => published && answer(published)));
    } else {
      const outcome = checked();
      if (outcome instanceof Promise) this.#await(outcome.then(answer));
      else answer(outcome);
    }
    return true;
  }

  /** Who was ended by a decision writes no more; what a peer sent before it left is still taken. */
  #unlessEnded(check: () => Append | Promise<Append>): Append | undefined | Promise<Append> {
    return this.#session.end?.by === 'gateway' ? undefined : check();
  }

  #handOver(handedOver: Promise<void>): void {
    // Its failure is told where its answer is waited for.
    const settled: Promise<void> = handedOver
      .catch(() => {})
      .then(() => {
        if (this.#handingOver === settled) this.#handingOver = undefined;
      });
    this.#handingOver = settled;
  }

  #await(answered: Promise<void>): void {
    this.#underWay++;
    answered.catch((error: unknown) => this.#session.crash(error)).finally(() => this.#underWay--);
  }
}

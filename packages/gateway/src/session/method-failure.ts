// What a method of the application answers in the place of a result. A value, not an exception: those end the session.

import type { Code } from '@telltale/protocol';

export interface MethodFailureOptions {
  readonly code: Extract<Code, 4400 | 4403 | 4404 | 4429 | 4503>;
  /** What was found, what was expected. */
  readonly message: string;
  /** Default: as the code says. */
  readonly retryable?: boolean;
  readonly retryAfterMs?: number;
}

/** Returned by a method that cannot do what was asked: the caller gets it as an `error`, and the session goes on. */
export class MethodFailure {
  readonly options: MethodFailureOptions;

  constructor(options: MethodFailureOptions) {
    this.options = options;
  }
}

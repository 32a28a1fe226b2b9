// What a publish came to, in the words its sender is told. Called by publisher.ts only.

import type { Code } from '@telltale/protocol';
import type { AppendOutcome } from '../broker/broker.ts';
import type { Published } from '../types.ts';

export type Failed = Extract<Published, { kind: 'failed' }>;

export function failed(code: Code, message: string): Failed {
  return { kind: 'failed', code, message, retryable: false };
}

export function answer(outcome: AppendOutcome): Published {
  switch (outcome.kind) {
    case 'appended': {
      const { kind, position, duplicate } = outcome;
      return { kind, position, duplicate };
    }
    case 'refused':
      return failed(4400, 'this publish was refused before');
    case 'out-of-order':
      return {
        kind: 'failed',
        code: 4400,
        message: `found a seq out of order, expected ${outcome.expected}`,
        retryable: true,
        expected: outcome.expected,
      };
    case 'unavailable':
    case 'unknown':
      return { kind: 'failed', code: 4503, message: outcome.reason, retryable: true };
  }
}

export function finalError(outcome: AppendOutcome, error: Failed): Published {
  return outcome.kind === 'refused' ? error : answer(outcome);
}

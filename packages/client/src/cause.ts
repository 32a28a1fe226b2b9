// Turns ends into causes: always a code, a name, a reason and a hint. The full texts come with
// words.ts; what a frame said is there from the start.

import { codeRule, type GoodbyeFrame, type RefusedFrame } from '@telltale/protocol';
import type { Decision, End } from './retry.ts';
import type { Close } from './socket.ts';
import type { Cause } from './types.ts';

// Until the full texts are here, the names themselves are words.
const words = (name: string) => name.replaceAll('-', ' ');

export function causeOf(end: End, next: Decision['next']): Cause {
  const { retry: _retry, retryAfterMs: _after, isReplaced: _replaced, stage, ...rest } = end;
  const name = end.name || codeRule(end.code).name;
  return {
    ...rest,
    ...(stage && { stage }),
    name,
    reason: end.reason || words(name),
    hint: end.hint || words(next),
    next,
  };
}

/** What the frames before a close said, joined with the close itself: a frame knows more than a code. */
export function endOf(
  attempt: string,
  { code, reason, wasClean }: Close,
  said: RefusedFrame | GoodbyeFrame | undefined,
): End {
  // `name: reason`, as the gateway writes it.
  const [, name, rest] = (code > 3999 || code === 1012 ? /^([a-z-]+)(?:: |$)([^]*)$/.exec(reason) : null) ?? [];
  const end = { attempt, code, wasClean, ...(name && { name }), reason: rest ?? reason };
  if (!said) return end;
  const { type: _type, ...more } = said;
  // A network that broke during the goodbye changes nothing about what was said.
  return {
    ...end,
    ...(code === said.code ? {} : { name: codeRule(said.code).name }),
    ...more,
    attempt,
    reason: said.reason ?? '',
  };
}

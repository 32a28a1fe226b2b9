// What the page that made an attempt may be told of it (REF8), from what the flight recorder keeps. Asked by recorder.ts;
// nothing in it is for operators alone.

import type { AttemptOutcome } from '@telltale/gateway';
import { codeRule, type RefusalName, refusals } from '@telltale/protocol';
import type { RefusalRow } from '../api.ts';
import type { RecordedAttempt } from './attempt-record.ts';

export function outcomeOf({ id, refusal, ending }: RecordedAttempt): AttemptOutcome {
  if (refusal !== undefined) return { state: 'refused', refusal: publicRefusalOf(refusal, id) };
  if (ending === undefined) return { state: 'admitted' };
  const { code, name, reason } = ending;
  return { state: 'admitted', ended: { code, name, reason } };
}

function publicRefusalOf(
  refusal: RefusalRow,
  attempt: string,
): Extract<AttemptOutcome, { state: 'refused' }>['refusal'] {
  const { code, name, stage, reason, hint } = refusal;
  const rule = codeRule(code).retry;
  const said = name in refusals ? refusals[name as RefusalName].retry : undefined;
  return { code, name, stage, reason, hint, retry: said ?? (rule !== 'stop' && rule !== 'token'), attempt };
}

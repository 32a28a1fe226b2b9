// What an operator reads of a decision: each check in its order, whether it was passed, and what was found there. Made
// once per attempt, after it was decided; called by upgrade/ only. Holds no credential, only where one was.

import { type Stage, stages } from '@telltale/protocol';
import type { AdmissionStep } from '../types.ts';
import type { Admission, Begun } from './admit.ts';
import { credentialsIn } from './credential.ts';
import { headerOf } from './request.ts';

/** Channels named before the others are only counted. */
const mostNamed = 5;

/** The checks of one attempt. Where a later check came first, as origin after credential in development, it stands at its place. */
export function stepsOf(begun: Begun, admission: Admission): readonly AdmissionStep[] {
  const refusedAt = admission.kind === 'refused' ? stages.indexOf(admission.refusal.stage ?? 'route') : stages.length;
  return stages.map((stage, index): AdmissionStep => {
    if (index > refusedAt) return { stage, outcome: 'not-reached', found: undefined };
    // A request that ended unread may not have said where it goes.
    if (stage === 'route' && index < refusedAt && begun.route === undefined) {
      return { stage, outcome: 'not-reached', found: begun.attempt.path };
    }
    const outcome = index === refusedAt ? 'refused' : 'passed';
    const found = findings[stage](begun, admission);
    return {
      stage,
      outcome,
      found: found ?? (admission.kind === 'refused' ? refusedWith(admission, outcome) : undefined),
    };
  });
}

const refusedWith = (
  { refusal }: Extract<Admission, { kind: 'refused' }>,
  outcome: AdmissionStep['outcome'],
): string | undefined => (outcome === 'refused' ? refusal.reason : undefined);

/** What is worth saying of a check, whichever way it went; undefined: the reason of the refusal, if there is one. */
const findings: { readonly [At in Stage]: (begun: Begun, admission: Admission) => string | undefined } = {
  route: ({ attempt }) => attempt.path,
  form({ request, attempt }, admission) {
    if (admission.kind === 'refused' && admission.refusal.stage === 'form') return undefined;
    const version = headerOf(request, 'sec-websocket-version') ?? '';
    const by = attempt.untrustedProxy;
    const passedOn = by === undefined ? '' : `, passed on by ${by}, which is no trusted proxy`;
    return `${request.method}, HTTP/${request.httpVersion}, version ${version}${passedOn}`;
  },
  origin: ({ attempt }) => attempt.origin ?? 'none sent',
  rate: () => undefined,
  credential({ request, query }, admission) {
    if (admission.kind === 'refused' && admission.refusal.stage === 'credential') return undefined;
    const place = credentialsIn(request, query)[0]?.place;
    if (admission.kind === 'refused') return place;
    const { subject, kind, scope } = admission.identity;
    return place === undefined ? 'none: an anonymous viewer' : `${place}: ${kind} ${subject}, ${scope}`;
  },
  permission(_begun, admission) {
    if (admission.kind === 'refused') return undefined;
    const { channels } = admission;
    if (channels.length === 0) return 'no channels of its own';
    const others = channels.length - mostNamed;
    return `${channels.slice(0, mostNamed).join(', ')}${others > 0 ? ` and ${others} more` : ''}`;
  },
};

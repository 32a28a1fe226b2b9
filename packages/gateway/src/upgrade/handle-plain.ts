// What happens to a request under the prefix that is no upgrade: somebody asks what became of an attempt, or a handshake
// has lost its Upgrade on the way, which is an attempt like others and is remembered as one. Called by upgrade.ts.

import type { IncomingMessage, ServerResponse } from 'node:http';
import { beginAttempt } from '../admission/admit.ts';
import { logFailure } from '../admission/hook-failure.ts';
import type { AdmissionPolicy } from '../admission/policy.ts';
import { makeRefusal, publicRefusal } from '../admission/refusal.ts';
import type { UpgradeRequest } from '../admission/request.ts';
import { stepsOf } from '../admission/steps.ts';
import type { GatewayEvent } from '../types.ts';
import type { AttemptLog } from './attempt-log.ts';
import {
  answerPlainRequest,
  askedAttempt,
  missingWords,
  outcomeOf,
  readRequest,
  send,
  upgradeRequired,
} from './plain-request.ts';

export interface PlainHandlerParts {
  readonly policy: AdmissionPolicy;
  readonly attemptLog: AttemptLog;
  readonly tell: (event: GatewayEvent) => void;
}

export function createPlainHandler({
  policy,
  attemptLog,
  tell,
}: PlainHandlerParts): (message: IncomingMessage, response: ServerResponse) => void {
  /** A handshake came whose Upgrade did not: only a proxy does that to a WebSocket client. Answers the attempt's id. */
  const stripped = (request: UpgradeRequest): string => {
    const begun = beginAttempt(request, policy);
    const { attempt } = begun;
    tell({ type: 'attempt', attempt });
    const refusal = makeRefusal(
      attempt,
      {
        name: 'upgrade-missing',
        found: { value: missingWords(request) },
        detail: 'a proxy between removes Upgrade and Connection; let it pass both',
      },
      policy,
    );
    policy.attempts.refused(attempt.attempt, publicRefusal(refusal, false));
    attemptLog.refused(attempt, undefined, refusal);
    const decision = { steps: stepsOf(begun, { kind: 'refused', refusal, user: undefined }), decidedMs: 0 };
    tell({ type: 'refused', attempt, refusal, user: undefined, decision, told: 'http' });
    return attempt.attempt;
  };

  return (message, response) => {
    const request = readRequest(message, policy);
    const id = askedAttempt(request, policy);
    const answerNow = (): void => {
      const known = id === undefined ? undefined : outcomeOf(id, policy);
      if (id !== undefined && known?.state !== 'unseen') tell({ type: 'asked', attempt: id });
      const made = answerPlainRequest(request, policy, known);
      const isStripped = made.status === 426 && request.headers.has('sec-websocket-key');
      send(message, response, isStripped ? upgradeRequired(request, stripped(request)) : made);
    };
    // A stranger's request ends itself at the most: neither the process nor the attempt that it waited for.
    const answer = (): void => {
      try {
        answerNow();
      } catch (error) {
        logFailure(policy.log, 'a request could not be answered', error);
        message.socket.destroy();
      }
    };
    // Whoever asks while it is being decided shall not be told that it never came (ADM11 bounds the wait).
    if (id === undefined || !policy.attempts.whenDecided(id, answer)) answer();
  };
}

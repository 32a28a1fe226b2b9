// Why does it not connect? Examines the way to a gateway from where it runs and answers with a `Diagnosis`. A chunk of
// its own: the connection fetches it when there is time, for a hub that has gone away serves nothing.

import { realEnvironment } from '../environment.ts';
import { createTokenSource } from '../token.ts';
import type { ConnectionOptions } from '../types.ts';
import type { Facts } from './facts.ts';
import type { Finding } from './finding.ts';
import { type DiagnoseWorld, gather } from './gather.ts';
import { lookAtPage, throttling } from './look-at-page.ts';
import { lookAtAttempt, lookAtSocket, lookAtSubprotocol, socketWorks } from './look-at-socket.ts';
import { lookAtToken } from './look-at-token.ts';
import { lookAtAddress, lookAtClock, lookAtHttp, lookAtNetwork } from './look-at-way.ts';
import { hideToken } from './hide-token.ts';
import { createPatience } from './patience.ts';
import { watchPolicy } from './place.ts';
import type { DiagnoseOptions, Diagnosis, DiagnosisCheck, Verdict } from './types.ts';
import { verdictOf } from './verdict.ts';

export type { DiagnoseWorld } from './gather.ts';
export type * from './types.ts';

const longestMs = 9_000;

/** Examines an address that no connection is about; never rejects. `connection.diagnose()` knows more. */
export function diagnose(options: ConnectionOptions & DiagnoseOptions = {}): Promise<Diagnosis> {
  const world: DiagnoseWorld = {
    options,
    environment: realEnvironment,
    tokens: createTokenSource(options.token),
    state: () => ({ kind: 'idle' }),
    clockAheadMs: () => undefined,
  };
  return examine(world, options);
}

/** Never rejects. */
export async function examine(world: DiagnoseWorld, options: DiagnoseOptions = {}): Promise<Diagnosis> {
  const { environment } = world;
  const at = environment.now();
  const patience = createPatience(environment, Math.min(options.withinMs ?? longestMs, longestMs));
  const policy = watchPolicy();
  let checks: readonly DiagnosisCheck[] = [];
  let verdict: Verdict = verdictOf([], false);
  try {
    const { facts, token } = await gather(world, patience, policy);
    const findings = lookAt(facts);
    const hide = hideToken(token, facts.token);
    verdict = hide(verdictOf(findings, socketWorks(facts)));
    checks = findings.map(({ trouble: _trouble, ...check }) => hide(check));
  } catch (error) {
    world.options.logger?.warn('the examination failed', { error });
  } finally {
    policy.stop();
  }
  return { at, tookMs: environment.now() - at, checks, verdict };
}

/** Every look, in the order in which a connection meets what it is about. A new one is a line here. */
function lookAt(facts: Facts): readonly Finding[] {
  return [
    lookAtAddress(facts),
    ...lookAtNetwork(facts),
    ...lookAtPage(facts),
    lookAtToken(facts),
    lookAtHttp(facts),
    lookAtClock(facts),
    lookAtSocket(facts),
    ...lookAtAttempt(facts),
    ...lookAtSubprotocol(facts),
    ...throttling(facts),
  ];
}

// From everything that was found to the one sentence a person needs: which hop is broken, and the cure. Pure.

import type { Finding, Hop, Trouble } from './check.ts';
import type { Software } from './meaning/software.ts';

export interface Verdict {
  readonly level: 'pass' | 'warn' | 'fail';
  /** Of the trouble that the sentence is about; `connects` where there is none. */
  readonly id: string;
  readonly hop?: Hop;
  readonly sentence: string;
}

export interface VerdictContext {
  readonly shown: string;
  readonly software: Software | undefined;
}

/**
 * The first failure that no other one explains is the cause, else the first such warning: checks run in the order in
 * which a connection meets what they look at, so what comes later is mostly a consequence.
 */
export function verdictOf(findings: readonly Finding[], context: VerdictContext): Verdict {
  const failure = causeAmong(findings, 'fail');
  if (failure !== undefined) {
    const { id, found, cure } = failure;
    const { hop, because } = placeOf(failure, findings);
    const reason = because === undefined ? '' : `, for ${because}`;
    return { level: 'fail', id, hop, sentence: `Broken at ${titleOf(hop, context)}${reason}: ${found}; ${cure}.` };
  }
  const warning = causeAmong(findings, 'warn');
  if (warning !== undefined) {
    const { id, hop, found, cure } = warning;
    return {
      level: 'warn',
      id,
      hop,
      sentence: `It connects, but look at ${titleOf(hop, context)}: ${found}; ${cure}.`,
    };
  }
  return {
    level: 'pass',
    id: 'connects',
    sentence: `It connects: nothing is wrong with ${context.shown} as seen from here.`,
  };
}

function causeAmong(findings: readonly Finding[], level: Trouble['level']): Trouble | undefined {
  const troubles = findings.filter((finding) => finding.level === level) as readonly Trouble[];
  const explained = new Set(troubles.flatMap(({ explains = [] }) => explains));
  // Two that explain each other are both left out; then the first is as good as any.
  return troubles.find(({ id }) => !explained.has(id)) ?? troubles[0];
}

/** Where the trouble is; a look from another side knows better whether it is the server or what stands before it. */
function placeOf(trouble: Trouble, findings: readonly Finding[]): { readonly hop: Hop; readonly because?: string } {
  const placement = findings.find(({ places }) => places !== undefined)?.places;
  const isUnclear = trouble.hop === 'server' || trouble.hop === 'proxy' || trouble.hop === 'upstream';
  if (placement === undefined || !isUnclear) return { hop: trouble.hop };
  return placement;
}

function titleOf(hop: Hop, { software }: VerdictContext): string {
  const named = software === undefined ? '' : ` (${software.name})`;
  switch (hop) {
    case 'address':
      return 'the address';
    case 'token':
      return 'the token';
    case 'page':
      return 'the page';
    case 'name':
      return 'the look-up of the name';
    case 'network':
      return 'the network';
    case 'tls':
      return 'TLS';
    case 'proxy':
      return `the proxy${software?.isProxy === true ? named : ''}`;
    case 'upstream':
      return `the server behind the proxy${software?.isProxy === true ? named : ''}`;
    case 'server':
      return `the server${named}`;
    case 'gateway':
      return 'the gateway';
  }
}

// From everything that was found to the one sentence a person needs. Pure.

import type { Finding, Trouble } from './finding.ts';
import type { Verdict } from './types.ts';

type Troubled = Finding & { readonly trouble: Trouble };

/**
 * The first failure that no other one explains is the cause, else the first such warning: looks come in the order in
 * which a connection meets what they look at, so what comes later is mostly a consequence.
 *
 * @param works whether a session could begin
 */
export function verdictOf(findings: readonly Finding[], works: boolean): Verdict {
  const troubled = findings.filter((finding): finding is Troubled => finding.trouble !== undefined);
  const explained = new Set(troubled.flatMap(({ trouble }) => trouble.explains ?? []));
  const worst = (outcome: Finding['outcome']): Troubled | undefined => {
    const all = troubled.filter((finding) => finding.outcome === outcome);
    return all.find(({ trouble }) => !explained.has(trouble.name)) ?? all[0];
  };
  const failure = works ? undefined : worst('failed');
  if (failure !== undefined) return told(failure, `It does not connect: ${failure.found}.`);
  const suspect = worst('warning');
  if (suspect !== undefined)
    return told(suspect, `${works ? 'It connects, but' : 'It may not connect:'} ${suspect.found}.`);
  if (works) {
    return { outcome: 'ok', name: 'connects', sentence: 'It connects: nothing is wrong as seen from here.', cure: '' };
  }
  return {
    outcome: 'unknown',
    name: 'unknown',
    sentence: 'It does not connect, and nothing that can be seen from here says why.',
    cure: 'Run telltale doctor with the same address, from this machine if you can.',
  };
}

function told({ outcome, todo = '', trouble }: Troubled, sentence: string): Verdict {
  const { name, hop } = trouble;
  return { outcome, name, sentence, hop, cure: todo };
}

// What speaks against a measurement: of a run in words for who watches, of all runs of a scenario as the reason why they are
// not kept. Pure.

import { figures, summarize } from './statistics.mjs';

/** Above this share of a core the generator may be what is measured. */
export const busyGeneratorPercent = 95;
/** Above this share of a core the others are part of what is measured. */
const mostOthersPercent = 40;

/** What the rest of the machine did meanwhile, in per cent of a core; undefined of a run that does not say. */
export function othersPercent({ foreignSeconds, seconds }) {
  return foreignSeconds === undefined ? undefined : Math.max(0, (foreignSeconds / seconds) * 100);
}

/** What is wrong with one run, for its line; none where all is well. */
export function faultsOf(run) {
  return [
    figures.generatorPercent.of(run) > busyGeneratorPercent ? 'THE GENERATOR IS THE LIMIT' : '',
    run.wrong > 0 ? `${run.wrong} OUT OF ORDER` : '',
    run.failed > 0 ? `${run.failed} FAILED` : '',
  ].filter((fault) => fault !== '');
}

/**
 * Why a scenario's runs are not kept: what was found, what was expected, what to do. Undefined where they may be. A
 * generator at its limit is no reason: its figures are kept, and marked in the table.
 *
 * @param {readonly Record<string, number>[]} runs of all servers and rounds
 */
export function whyUnsound(runs) {
  const sum = (name) => runs.reduce((total, run) => total + (run[name] ?? 0), 0);
  if (sum('wrong') > 0) return `${sum('wrong')} messages came out of order, expected none. Find out why.`;
  if (sum('failed') > 0) return `${sum('failed')} connections failed, expected none. Find out why.`;
  const others = runs.flatMap((run) => othersPercent(run) ?? []);
  // On a machine that others keep busy their caches and their turns are measured too, and ratios come out wrong.
  if (others.length === 0 || summarize(others).median <= mostOthersPercent) return undefined;
  const found = `others had ${Math.round(summarize(others).median)} % of a core, expected at most ${mostOthersPercent} %`;
  return `${found}. Run it again when the machine is quiet.`;
}

// What the chart of attempts says: of a storm, of one bar, and in all. Pure.

import type { RefusalRow } from '@telltale/hub/api';
import { explainCode } from '@telltale/protocol/explain';
import { clock } from '../../words/time.ts';
import { counted, grouped } from '../../words/units.ts';
import { mostFirst, totalOf, type Bar, type Storm } from './rates-model.ts';
import { refusedCode, refusedTitle } from './titles.ts';

/** `4403 origin not allowed`. */
function nameWords(name: string): string {
  const code = refusedCode(name);
  const title = refusedTitle(name);
  const lower = title.charAt(0).toLowerCase() + title.slice(1);
  return code === undefined ? lower : `${code} ${lower}`;
}

/** From this share on something is said of the whole. */
const nearlyAll = 0.9;

/** Whether a storm is one of refusals rather than of connects. */
function isRefused({ refused, admitted }: Storm['total']): boolean {
  return refused > 0 && refused >= admitted;
}

/** The name of nearly all refusals of a storm, if they have one. */
function soleName({ byName, refused }: Storm['total']): string | undefined {
  const [most] = mostFirst(byName);
  return most !== undefined && most[1] >= refused * nearlyAll ? most[0] : undefined;
}

/** What nearly all of a storm is: `4403`, `refusals` of several kinds, `reconnects`, `connects`, or that they left. */
function kindWords({ total }: Storm): string {
  if (total.left > total.admitted + total.refused) return 'left before they were admitted';
  if (isRefused(total)) {
    const name = soleName(total);
    return name === undefined ? 'refusals' : `${refusedCode(name) ?? name}`;
  }
  return total.returned * 2 > total.admitted ? 'reconnects' : 'connects';
}

/** `storm: 4403 from one page, up to 31 in 10 s`. */
export function stormWords(storm: Storm, refusals: readonly RefusalRow[], barMs: number): string {
  return `storm: ${kindWords(storm)}${sourceWords(storm, refusals)}, up to ${grouped(storm.peak)} in ${barMs / 1_000} s`;
}

/** ` from one page`, ` from one address`, or nothing, where it comes from many. */
function sourceWords({ from, to, total }: Storm, refusals: readonly RefusalRow[]): string {
  if (!isRefused(total)) return '';
  const sole = soleName(total);
  const rows = refusals.filter(
    ({ name, first, last }) => (sole === undefined || name === sole) && last >= from && first < to,
  );
  const all = rows.reduce((sum, { count }) => sum + count, 0);
  const isFromOne = (of: (row: RefusalRow) => string | null): boolean => {
    const counts = new Map<string | null, number>();
    for (const row of rows) counts.set(of(row), (counts.get(of(row)) ?? 0) + row.count);
    return [...counts].some(([source, count]) => source !== null && count >= all * nearlyAll);
  };
  if (isFromOne(({ origin }) => origin)) return ' from one page';
  return isFromOne(({ address }) => address) ? ' from one address' : '';
}

/** `14:01:50 to 14:03:10, up to 9 connects, 12 refusals, 3 reconnects and 4 ends a second. Refused: … Ended: 8 × 1006 connection lost (up to 3 a second).` */
export function stormSentence({ from, to, isOlder, total, perSecond }: Storm): string {
  const { admitted, refused, left, returned, ended } = perSecond;
  const figures = listed([
    ...(admitted > 0 ? [counted(admitted, 'connect', 'connects')] : []),
    ...(refused > 0 ? [counted(refused, 'refusal', 'refusals')] : []),
    ...(left > 0 ? [`${grouped(left)} that left before`] : []),
    ...(returned > 0 ? [counted(returned, 'reconnect', 'reconnects')] : []),
    ...(ended > 0 ? [counted(ended, 'end', 'ends')] : []),
  ]);
  return `${isOlder ? 'before ' : ''}${clock(from)} to ${clock(to)}, up to ${figures} a second.${whyWords(total, perSecond)}`;
}

/** `a, b and c`. */
function listed(parts: readonly string[]): string {
  return parts.length < 2 ? parts.join('') : `${parts.slice(0, -1).join(', ')} and ${parts.at(-1) ?? ''}`;
}

/** Names that are told one by one. */
const mostNames = 3;

/** ` Refused: 12 × 4403 origin not allowed. Ended: 8 × 1006 connection lost.`; with `peaks` also the most in a second of each. */
function whyWords({ byName, byCode }: Pick<Bar, 'byName' | 'byCode'>, peaks?: Pick<Bar, 'byName' | 'byCode'>): string {
  return (
    countWords('Refused', byName, nameWords, peaks?.byName) + countWords('Ended', byCode, codeWords, peaks?.byCode)
  );
}

function countWords(
  what: string,
  counts: Readonly<Record<string, number>>,
  words: (name: string) => string,
  peaks: Readonly<Record<string, number>> = {},
): string {
  const all = mostFirst(counts);
  if (all.length === 0) return '';
  const told = all.slice(0, mostNames).map(([name, count]) => {
    const most = peaks[name] ?? 0;
    return `${grouped(count)} × ${words(name)}${most > 1 ? ` (up to ${grouped(most)} a second)` : ''}`;
  });
  const rest = all.slice(mostNames).reduce((sum, [, count]) => sum + count, 0);
  return ` ${what}: ${[...told, ...(rest > 0 ? [counted(rest, 'other', 'others')] : [])].join(', ')}.`;
}

/** `1006 connection lost`; beyond so many codes the hub counts `other`. */
function codeWords(code: string): string {
  return /^\d+$/.test(code) ? `${code} ${explainCode(Number(code)).title}` : code;
}

/** `, 2 left before`, or nothing. */
function leftWords({ left }: Pick<Bar, 'left'>): string {
  return left > 0 ? `, ${grouped(left)} left before` : '';
}

/** `14:03:10, 3 admitted, 1 of them reconnected, 12 refused. Refused: 12 × 4403 origin not allowed.` */
export function barWords(bar: Bar): string {
  const back = bar.returned > 0 ? `, ${grouped(bar.returned)} of them reconnected` : '';
  return `${clock(bar.at)}, ${grouped(bar.admitted)} admitted${back}, ${grouped(bar.refused)} refused${leftWords(bar)}.${whyWords(bar)}`;
}

/** The chart in words. */
export function summaryOf(bars: readonly Bar[], storms: readonly Storm[], spanMs: number): string {
  const total = totalOf(bars);
  const minutes = Math.round(spanMs / 60_000);
  const stormy = storms.length === 0 ? 'no storm' : counted(storms.length, 'storm', 'storms');
  return `Attempts in ${minutes} min: ${grouped(total.admitted)} admitted, ${grouped(total.refused)} refused${leftWords(total)}, ${stormy}.${whyWords(total)}`;
}

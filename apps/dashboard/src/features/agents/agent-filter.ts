// Which agents are shown: chips by state with their counts, and a text. Pure.

import type { AgentView } from './agent-view.ts';
import type { Said, Standing } from './standing.ts';

export interface Chip {
  readonly id: string;
  readonly text: string;
  readonly thread: Said['thread'];
  readonly standings: readonly Standing[];
}

export const chips: readonly Chip[] = [
  { id: 'live', text: 'Live', thread: 'live', standings: ['live'] },
  { id: 'late', text: 'Late', thread: 'late', standings: ['late', 'silent'] },
  { id: 'catching-up', text: 'Catching up', thread: 'catching', standings: ['catching-up'] },
  { id: 'offline', text: 'Offline', thread: 'stale', standings: ['lost', 'closed'] },
  { id: 'refused', text: 'Refused', thread: 'refused', standings: ['refused'] },
  { id: 'runs-only', text: 'Runs only', thread: 'none', standings: ['runs-only'] },
  { id: 'never-seen', text: 'Never seen', thread: 'none', standings: ['never-seen'] },
  { id: 'revoked', text: 'Revoked', thread: 'ended', standings: ['revoked'] },
];

/** Few agents ever stand so: their chip comes with the first. */
export const rareChips: ReadonlySet<string> = new Set(['runs-only', 'revoked']);

/** How many rows each chip stands for. */
export function countsOf(views: readonly AgentView[]): ReadonlyMap<string, number> {
  const byStanding = new Map<Standing, number>();
  for (const { standing } of views) byStanding.set(standing, (byStanding.get(standing) ?? 0) + 1);
  return new Map(
    chips.map((chip) => [chip.id, chip.standings.reduce((sum, standing) => sum + (byStanding.get(standing) ?? 0), 0)]),
  );
}

/** What is left under a chip (undefined: all) and a text, which is looked for in name, title and version. */
export function filtered(
  views: readonly AgentView[],
  { chip, text }: { readonly chip: string | undefined; readonly text: string },
): readonly AgentView[] {
  const wanted = chips.find(({ id }) => id === chip)?.standings;
  const words = text.toLowerCase().split(/\s+/).filter(Boolean);
  if (wanted === undefined && words.length === 0) return views;
  return views.filter((view) => {
    if (wanted !== undefined && !wanted.includes(view.standing)) return false;
    const said = `${view.key} ${view.title} ${view.version}`.toLowerCase();
    return words.every((word) => said.includes(word));
  });
}

/** `6 live, 1 late, 2 offline, 3 other`. */
export function summaryOf(views: readonly AgentView[]): string {
  const counts = countsOf(views);
  const of = (id: string): number => counts.get(id) ?? 0;
  const other = views.length - of('live') - of('late') - of('offline');
  return [
    `${of('live')} live`,
    ...(of('late') > 0 ? [`${of('late')} late`] : []),
    ...(of('offline') > 0 ? [`${of('offline')} offline`] : []),
    ...(other > 0 ? [`${other} other`] : []),
  ].join(', ');
}

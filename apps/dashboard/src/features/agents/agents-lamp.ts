// What the lamp of the agents says: whose line is lost, whose credential another machine has. Pure.

import type { AgentRow } from '@telltale/hub/api';

export interface AgentsLamp {
  readonly light: 'dark' | 'warn' | 'refused';
  readonly says: string;
  /** The page that shows them. */
  readonly cause: string;
}

/** Undefined: the list has not been read. */
export function agentsLampOf(rows: readonly AgentRow[], isRead: boolean): AgentsLamp | undefined {
  if (!isRead) return undefined;
  const refused = rows.filter(({ conflict }) => conflict !== null);
  const lost = rows.filter(({ state }) => state === 'lost');
  const lostWords = namesOrNumber(lost, 'line lost', 'lines lost');
  if (refused.length > 0) {
    const more = lost.length === 0 ? '' : `, ${lost.length} lost`;
    const says = namesOrNumber(refused, 'refused', 'machines refused') + more;
    return { light: 'refused', says, cause: '/agents?state=refused' };
  }
  if (lost.length > 0) return { light: 'warn', says: lostWords, cause: '/agents?state=offline' };
  const live = rows.filter(({ state }) => state === 'live').length;
  return { light: 'dark', says: live === 0 ? 'None yet' : `${live} live`, cause: '/agents' };
}

function namesOrNumber(rows: readonly AgentRow[], one: string, many: string): string {
  const [first] = rows;
  return rows.length === 1 && first !== undefined ? `${first.agent}: ${one}` : `${rows.length} ${many}`;
}

export function isSameLamp(one: AgentsLamp | undefined, other: AgentsLamp | undefined): boolean {
  return one?.says === other?.says && one?.light === other?.light;
}

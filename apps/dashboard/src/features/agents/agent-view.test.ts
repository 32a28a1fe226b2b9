import { describe, expect, it } from 'vitest';
import { chips, countsOf, filtered, summaryOf } from './agent-filter.ts';
import { orderFrom, ordered, worstFirst } from './agent-order.ts';
import { viewsOf, type AgentView } from './agent-view.ts';
import type { Moment } from './standing.ts';
import { agentRow, vitalsRow } from './testing/rows.ts';

const now = 10_000_000;
const moment: Moment = { now, heardAt: now, isUp: true, hubVersion: '0.4.1' };
const conflict = { title: 'mia-laptop', address: '10.0.0.9', since: 0, at: now, count: 1 };
const rows = [
  agentRow('web-10'),
  agentRow('web-2', { conflict }),
  agentRow('db-2', { state: 'lost', since: now - 240_000, runs: 1 }),
  agentRow('build-7', { state: 'closed', since: now - 9_000 }),
  agentRow('edge-3'),
  agentRow('nas', { behindMs: 130_000 }),
  agentRow('pi-garage', { isTooOld: true, version: '0.3.2' }),
  agentRow('full'),
  agentRow('edge-4', { state: 'never-seen', version: '', expiresAt: now + 90_000 }),
  agentRow('cron', { state: 'runs-only', lastSeenAt: now - 60_000, runs: 1 }),
  agentRow('old', { state: 'revoked' }),
];
const vitals = [
  vitalsRow('web-10', now),
  vitalsRow('web-2', now, { cpu: 27 }),
  vitalsRow('db-2', now - 240_000, { cpu: 66 }),
  vitalsRow('edge-3', now - 22_000, { cpu: 9 }),
  vitalsRow('nas', now, { disk: 88 }),
  vitalsRow('pi-garage', now),
  vitalsRow('full', now, { disk: 96 }),
];
const views = viewsOf(rows, vitals, moment);
const keys = (shown: readonly AgentView[]): readonly string[] => shown.map(({ key }) => key);

describe('the list of agents', () => {
  it('has a row of its own for a machine that was refused', () => {
    const copy = views.find(({ key }) => key === 'web-2 copy');
    expect(copy).toMatchObject({ agent: 'web-2', standing: 'refused', cpu: null });
    expect(copy?.copy).toMatch(/^mia-laptop at 10\.0\.0\.9, 1 try/);
    expect(views.find(({ key }) => key === 'web-2')?.says).toBe('Live');
  });

  it('stands worst first, and by name where all is equal', () => {
    expect(keys(ordered(views, worstFirst))).toEqual([
      'web-2 copy',
      'db-2',
      'build-7',
      'edge-3',
      'nas',
      'full',
      'pi-garage',
      'web-2',
      'web-10',
      'cron',
      'edge-4',
      'old',
    ]);
  });

  it('sorts by numbers, with those that have none at the end either way', () => {
    const known = ['db-2', 'full', 'nas', 'pi-garage', 'web-10', 'web-2', 'edge-3'];
    const down = keys(ordered(views, { column: 'cpu', direction: 'descending' }));
    expect(down.slice(0, 1)).toEqual(['db-2']);
    expect(down.slice(5, 7)).toEqual(['web-2', 'edge-3']);
    const up = keys(ordered(views, { column: 'cpu', direction: 'ascending' }));
    expect(up.slice(0, 2)).toEqual(['edge-3', 'web-2']);
    expect([...up.slice(0, 7)].sort()).toEqual([...known].sort());
    expect(up.slice(7)).toEqual(down.slice(7));
  });

  it('sorts names and versions as people count', () => {
    const names = keys(ordered(views, { column: 'agent', direction: 'ascending' }));
    expect(names.indexOf('web-2')).toBeLessThan(names.indexOf('web-10'));
    const versions = ordered(views, { column: 'version', direction: 'ascending' });
    expect(versions[0]?.version).toBe('0.3.2');
    expect(versions.at(-1)?.version).toBe('');
  });

  it('takes an order from the address only where there is such a column', () => {
    expect(orderFrom('cpu', 'ascending')).toEqual({ column: 'cpu', direction: 'ascending' });
    expect(orderFrom('cpu', 'x')).toEqual({ column: 'cpu', direction: 'descending' });
    for (const column of [null, 'nonsense', 'constructor']) expect(orderFrom(column, null)).toBe(worstFirst);
  });

  it('is filtered by state and by every word of a text', () => {
    expect(keys(filtered(views, { chip: 'offline', text: '' }))).toEqual(['db-2', 'build-7']);
    expect(keys(filtered(views, { chip: undefined, text: 'WEB 2' }))).toEqual(['web-2', 'web-2 copy']);
    expect(keys(filtered(views, { chip: 'live', text: '0.3' }))).toEqual(['pi-garage']);
    expect(filtered(views, { chip: undefined, text: ' ' })).toBe(views);
  });

  it('counts each row under exactly one chip', () => {
    const counts = countsOf(views);
    expect([...counts.values()].reduce((sum, count) => sum + count, 0)).toBe(views.length);
    expect([...counts.keys()]).toEqual(chips.map(({ id }) => id));
    expect(counts.get('offline')).toBe(2);
    expect(summaryOf(views)).toBe('4 live, 1 late, 2 offline, 5 other');
  });

  it('keeps the objects of rows that say the same', () => {
    const later = viewsOf(
      rows,
      vitals.map((row) => (row.agent === 'web-10' ? { ...row, cpu: 50 } : row)),
      { ...moment, now: now + 500, heardAt: now + 500 },
      views,
    );
    const changed = later.filter((view, index) => view !== views[index]);
    expect(keys(changed)).toEqual(['web-10']);
    expect(viewsOf(rows, vitals, { ...moment, now: now + 500, heardAt: now + 500 }, views)).toBe(views);
  });

  it('drains what may no longer hold, and lights nothing there', () => {
    const away = viewsOf(rows, vitals, { ...moment, isUp: false });
    expect(away.every(({ isStale, diskLevel, roundTripMs }) => isStale && !diskLevel && roundTripMs === null)).toBe(
      true,
    );
    expect(away.find(({ key }) => key === 'full')?.disk).toBe(96);
    expect(views.find(({ key }) => key === 'nas')?.diskLevel).toBe('warn');
    expect(views.find(({ key }) => key === 'full')?.diskLevel).toBe('crit');
    expect(views.find(({ key }) => key === 'db-2')).toMatchObject({ isStale: true, cpu: 66, roundTripMs: null });
  });
});

// What the table `runs` does not show: every ended run that is kept is found by paging, once, in order, whoever asks with
// the table's own right.

import { describe, expect, it } from 'vitest';
import type { RunPage } from '../api.ts';
import { openStorageHere } from '../storage/storage.ts';
import { temporaryDirectory } from '../testing/directory.ts';
import { enrol, viewerToken } from '../testing/test-agent.ts';
import { startTestHub, type TestHub } from '../testing/test-hub.ts';
import { ended, openRun, runId, started } from '../testing/test-run.ts';
import { newRecord } from './open-run.ts';
import { shownEnded } from './run-folds.ts';

const count = shownEnded + 60;
const ids = Array.from({ length: count }, (_, index) => runId(index + 1));
/** Three ended in each millisecond, an hour ago, and every fifth is another agent's. */
const firstEnd = Date.now() - 3_600_000;
const closedAt = (index: number): number => firstEnd + Math.floor(index / 3);
const agentOf = (index: number): string => (index % 5 === 0 ? 'db-1' : 'web-1');

async function hubWithRuns(): Promise<TestHub> {
  const dataDir = temporaryDirectory();
  const storage = await openStorageHere(dataDir);
  for (const [index, run] of ids.entries()) {
    const record = newRecord({ run, agent: agentOf(index), name: `nightly ${index}`, openedAt: 1 });
    await storage.addRun({ ...record, closed_at: closedAt(index) });
  }
  await storage.close();
  return await startTestHub({ dataDir });
}

async function pageOf(hub: TestHub, query = ''): Promise<RunPage> {
  const answer = await hub.ask(`/api/runs${query}`, { headers: { authorization: `Bearer ${viewerToken()}` } });
  if (answer.status !== 200) throw new Error(`the page answered ${answer.status} ${answer.text}`);
  return answer.json as RunPage;
}

/** Runs of all pages in their order. */
async function walk(hub: TestHub, query: string): Promise<readonly string[]> {
  const found: string[] = [];
  for (let next: string | null = ''; next !== null;) {
    const page: RunPage = await pageOf(hub, `?${query}${next === '' ? '' : `&before=${next}`}`);
    found.push(...page.runs.map(({ run }) => run));
    ({ next } = page);
  }
  return found;
}

describe('ended runs in pages', () => {
  it('are all that are kept, each once, the last to end first, of all agents or of one', async () => {
    const hub = await hubWithRuns();
    const newest = ids.toReversed();
    expect(await walk(hub, 'limit=500')).toEqual(newest);
    const ofOne = newest.filter((_, index) => agentOf(count - 1 - index) === 'db-1');
    // A page ends between runs that ended in the same millisecond.
    expect(await walk(hub, 'agent=db-1&limit=7')).toEqual(ofOne);
    const first = await pageOf(hub);
    expect([first.runs.length, first.kept]).toEqual([100, count]);
    expect(await pageOf(hub, '?agent=db-1&limit=1')).toMatchObject({ runs: [{ run: ofOne[0] }], kept: ofOne.length });
    expect(await pageOf(hub, '?agent=nobody')).toEqual({ runs: [], next: null, kept: 0 });

    // What ends while somebody reads is newer than what they have.
    const agent = await enrol(hub, 'web-9');
    const run = await openRun(agent, runId(9_000));
    await run.say(started(), ended('failed'));
    const behind = await pageOf(hub, `?limit=500&before=${String(first.next)}`);
    expect(behind.runs[0]?.run).toBe(newest[100]);
    expect(behind.kept).toBe(count + 1);
  });

  it('are for those who may read the table, and say what they expect', async () => {
    const hub = await startTestHub();
    const agent = await enrol(hub);
    const ask = async (query: string, token: string): Promise<readonly [number, string]> => {
      const answer = await hub.ask(`/api/runs${query}`, { headers: { authorization: `Bearer ${token}` } });
      return [answer.status, answer.text];
    };
    expect((await ask('?machine=machine-of-the-test-1', agent.credential))[0]).toBe(404);
    expect((await hub.ask('/api/runs')).status).toBe(401);
    for (const before of ['1', 'x.run00000000000000000000001', '-1.run00000000000000000000001', "1.'or'1"]) {
      const query = `?before=${encodeURIComponent(before)}`;
      expect(await ask(query, viewerToken())).toEqual([400, expect.stringContaining('a page calls its')]);
    }
    for (const query of ['?limit=0', '?limit=501', '?agent=a&agent=b', '?after=1']) {
      expect(await ask(query, viewerToken())).toEqual([400, expect.stringContaining('Expected ?agent')]);
    }
  });
});

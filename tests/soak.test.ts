// A dashboard that is left open: `npm run soak` for half an hour in the long run; in the short one a few rounds, enough to
// see that the script measures, and that it finds what a page does not let go of.

import { describe, expect, it, onTestFinished } from 'vitest';
import { openDashboard } from '../scripts/soak-page.mjs';
import { setStage } from '../scripts/soak-stage.mjs';
import { headLine, judged, sampleLine, verdictOf } from '../scripts/soak-verdict.mjs';
import { soak } from '../scripts/soak.mjs';
import { isLongRun } from '../packages/gateway/src/testing/random.ts';
import { hasBrowser } from './support/browser.ts';

/** What a round leaves behind here: elements that listen, and their texts. */
const leak = (): void => {
  const page = window as unknown as { kept?: unknown[] };
  const kept = (page.kept ??= []);
  for (let n = 0; n < 400; n++) {
    const element = document.createElement('i');
    element.addEventListener('click', () => kept.length);
    kept.push(
      element,
      Array.from({ length: 200 }, (_, at) => `${at} of ${n}`),
    );
  }
};

describe.runIf(hasBrowser)('a dashboard that is left open', () => {
  it(
    'returns to its level, and one that keeps what it should not is found out',
    async () => {
      const stage = await setStage({ machines: isLongRun ? 3 : 1 });
      onTestFinished(stage.stop);
      const dashboard = await openDashboard(stage.link);
      onTestFinished(dashboard.close);
      const paths = isLongRun ? stage.paths : ['/', '/agents/web-1', '/runs'];
      const roundMs = isLongRun ? 60_000 : 300;
      const halfAnHour = 30 * 60_000;
      const samples = await soak({
        stage,
        dashboard,
        paths,
        roundMs,
        isOver: (all) => (isLongRun ? (all.at(-1)?.atMs ?? 0) >= halfAnHour : all.length === 8),
      });
      // The short run keeps too little to wait until it is full; its first rounds fetch and compile.
      const counted = isLongRun ? judged(samples) : samples.slice(2);
      console.log([headLine, ...samples.map(sampleLine)].join('\n'));
      expect(verdictOf(counted)).toMatchObject({ kind: 'returned' });
      expect(dashboard.faults).toEqual([]);
      for (const { heapBytes, nodes, listeners } of samples) {
        expect(heapBytes).toBeGreaterThan(2e6);
        expect(nodes).toBeGreaterThan(300);
        expect(listeners).toBeGreaterThan(20);
      }
      const leaking = await soak({
        stage,
        dashboard,
        paths: ['/'],
        roundMs: 50,
        isOver: (all) => all.length === 6,
        onSample: () => dashboard.page.evaluate(leak),
      });
      const found = verdictOf(leaking);
      expect(found.kind).toBe('grew');
      const words = found.kind === 'grew' ? found.words.join('\n') : '';
      for (const name of ['heap', 'nodes', 'listeners']) expect(words).toMatch(new RegExp(`^${name}: .* grew by`, 'm'));
      expect(words).toMatch(/^documents: \d+ at first, \d+ at the end$/m);
    },
    isLongRun ? 35 * 60_000 : 60_000,
  );
});

// A dashboard that is left open, for a few rounds: enough to see that the script measures, and that it finds what a page
// does not let go of. Half an hour and more is `npm run soak`, beside which nothing else should run.

import { describe, expect, it, onTestFinished } from 'vitest';
import { openDashboard } from '../scripts/soak-page.mjs';
import { setStage } from '../scripts/soak-stage.mjs';
import { headLine, type Sample, sampleLine, verdictOf } from '../scripts/soak-verdict.mjs';
import { soak } from '../scripts/soak.mjs';
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

function expectVerdict(samples: readonly Sample[]): Exclude<ReturnType<typeof verdictOf>, { kind: 'too-short' }> {
  const verdict = verdictOf(samples);
  if (verdict.kind === 'too-short') throw new Error(`found ${samples.length} samples, expected enough for a verdict`);
  return verdict;
}

describe.runIf(hasBrowser)('a dashboard that is left open', () => {
  it('returns to its level, and one that keeps what it should not is found out', async () => {
    const stage = await setStage({ machines: 1 });
    onTestFinished(stage.stop);
    const dashboard = await openDashboard(stage.link);
    onTestFinished(dashboard.close);
    const samples = await soak({
      stage,
      dashboard,
      paths: ['/', '/runs'],
      roundMs: 200,
      isOver: (all) => all.length === 9,
    });
    console.log([headLine, ...samples.map(sampleLine)].join('\n'));
    // In so short a time the heap fills with what a page keeps on purpose: the rest says that nothing is left behind.
    const level = expectVerdict(samples).words;
    expect(level.filter((words) => /^(nodes|listeners|documents): .* grew/.test(words))).toEqual([]);
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
    const found = expectVerdict(leaking);
    expect(found.kind).toBe('grew');
    const words = found.words.join('\n');
    for (const name of ['heap', 'nodes', 'listeners']) expect(words).toMatch(new RegExp(`^${name}: .* grew by`, 'm'));
    expect(words).toMatch(/^documents: \d+ at first, \d+ at the end$/m);
  }, 60_000);
});

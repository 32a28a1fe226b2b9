// The bench, so small that it takes a second and needs nothing that is not installed anyway: it must work on the day
// somebody wants a number.

import { describe, expect, it } from 'vitest';
import { generator } from '../bench/src/generator.mjs';
import { measure } from '../bench/src/measure.mjs';
import { benchFolder, findProgram } from '../bench/src/processes.mjs';
import { figures } from '../bench/src/statistics.mjs';
import { runNpm } from '../scripts/run.mjs';

const tiny = {
  name: 'tiny',
  title: '20 viewers',
  load: { mode: 'closed', viewers: 20, outstanding: 4, seconds: 0.05 },
  targets: ['telltale', 'ws'],
  figures: ['cpuPerMillion'],
  goals: [],
} as const;

const kinds = findProgram('cc') === undefined ? (['node'] as const) : (['c', 'node'] as const);

describe.skipIf(process.platform !== 'linux')('the bench', () => {
  it.each(kinds)('measures with the load generator in %s, every message in order', async (kind) => {
    // The peer once is enough: the generators differ in nothing but their language.
    for (const target of kind === kinds[0] ? tiny.targets : tiny.targets.slice(0, 1)) {
      const measured = await measure(tiny, target, {
        generator: await generator(kind),
        seconds: 0.05,
        warmSeconds: 0.02,
      });
      expect(measured, target).toMatchObject({ wrong: 0, failed: 0, undelivered: 0 });
      expect(measured['deliveries'], target).toBeGreaterThan(tiny.load.viewers);
      expect(figures.cpuPerMillion.of(measured), target).toBeGreaterThan(0);
    }
  });

  it.each(kinds)('counts compressed messages with the load generator in %s', async (kind) => {
    const template = '"cpu":{"total":2#.#,"cores":[1#.#,3#.#]}';
    const samples = { ...tiny, load: { ...tiny.load, outstanding: 16, template } };
    const measured = await measure(samples, 'telltale-compressed', {
      generator: await generator(kind),
      seconds: 0.05,
      warmSeconds: 0.02,
    });
    expect(measured).toMatchObject({ wrong: 0, failed: 0, undelivered: 0 });
    // With a number and a time beside it, each would be of more than 100 bytes.
    expect(figures.deliveryBytes.of(measured)).toBeLessThan(80);
  });

  it('measures what an idle viewer weighs', async () => {
    const idle = { ...tiny, load: { mode: 'idle', viewers: 20, seconds: 0 } } as const;
    const measured = await measure(idle, 'telltale', { generator: await generator(), seconds: 0, warmSeconds: 0.1 });
    expect(measured).toMatchObject({ viewers: 20, failed: 0 });
    expect(figures.sessionKib.of(measured)).toBeGreaterThan(0);
  });

  it('has tests of its own for what it computes, and they pass', async () => {
    const { code, output } = await runNpm(['test'], { cwd: benchFolder });
    expect(code, output).toBe(0);
  });
});

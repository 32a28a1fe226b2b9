// The mutants as `npm run mutants` will find them: each says what must notice it, and still fits the sources. That each is
// noticed takes longer and is for that command.

import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { checkApplies, readMutants, simulationFile } from '../scripts/mutant-patches.mjs';
import { properties } from './simulation/properties.ts';
import { root } from './support/hub-process.ts';

const mutants = readMutants();

describe('the mutants', () => {
  it('are at least fifteen, each with a name of its own', () => {
    expect(mutants.length).toBeGreaterThanOrEqual(15);
    expect(new Set(mutants.map(({ name }) => name.slice(3))).size).toBe(mutants.length);
  });

  it('break every property of the simulation', () => {
    const broken = mutants.flatMap(({ test, names }) => (test === simulationFile ? names : []));
    expect(new Set(broken)).toEqual(new Set(Object.keys(properties)));
  });

  it('fit the sources as they are', async () => {
    await expect(checkApplies(mutants)).resolves.toBeUndefined();
  });

  it.each(mutants)('$name names what must fail by it', ({ test, names, seed }) => {
    expect(existsSync(join(root, test)), test).toBe(true);
    if (test === simulationFile) expect(Object.keys(properties)).toEqual(expect.arrayContaining([...names]));
    else {
      expect(readFileSync(join(root, test), 'utf8')).toContain(names[0]);
      expect(seed, 'only the simulation takes a seed').toBeUndefined();
    }
  });
});

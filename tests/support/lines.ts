// Programs that print numbered lines, and the comparison of what came of them line by line.

import { expect } from 'vitest';

/** A program that prints numbered lines at a pace of its own, 6,000 a second, and at last how long it took it. */
export const printer = (name: string, count: number, perSecond = 6000): readonly string[] => [
  process.execPath,
  '-e',
  `let at = 0;
   const begun = performance.now();
   const tick = () => {
     let text = '';
     const due = Math.ceil(((performance.now() - begun) / 1000) * ${perSecond});
     for (const end = Math.min(${count}, due); at < end; at++) text += '${name} ' + at + '\\n';
     process.stdout.write(text);
     if (at < ${count}) setTimeout(tick, 10);
     else process.stderr.write('took ' + (performance.now() - begun) + ' ms\\n');
   };
   tick();`,
];
export const numbered = (name: string, count: number): readonly string[] =>
  Array.from({ length: count }, (_, index) => `${name} ${index}`);

/** The same lines, or where they part. */
export function expectLines(found: readonly (string | number)[], expected: readonly (string | number)[]): void {
  const at = expected.findIndex((line, index) => found[index] !== line);
  const near = {
    at,
    found: found.slice(Math.max(0, at - 2), at + 3),
    expected: expected.slice(Math.max(0, at - 2), at + 3),
  };
  expect({ length: found.length, near: at < 0 ? [] : near }).toEqual({ length: expected.length, near: [] });
}

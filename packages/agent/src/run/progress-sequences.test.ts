import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createProgressSequences, type TerminalProgress } from './progress-sequences.ts';

/** What is found in some output that comes in chunks cut at these places. */
function found(output: string | Uint8Array, cuts: readonly number[] = []): TerminalProgress[] {
  const all: TerminalProgress[] = [];
  const read = createProgressSequences((progress) => all.push(progress));
  const bytes = typeof output === 'string' ? Buffer.from(output) : output;
  const places = [0, ...cuts.map((cut) => cut % (bytes.length + 1)).sort((one, other) => one - other), bytes.length];
  for (const [index, from] of places.slice(0, -1).entries()) read(bytes.subarray(from, places[index + 1]));
  return all;
}

describe('what a command tells a terminal of its progress', () => {
  it.each<[string, string, TerminalProgress[]]>([
    ['ended by BEL', '\u001b]9;4;1;42\u0007', [{ state: 1, percent: 42 }]],
    ['ended by ESC \\', '\u001b]9;4;1;42\u001b\\', [{ state: 1, percent: 42 }]],
    ['among text', 'a\u001b[1m\u001b]9;4;1;7\u0007b\n', [{ state: 1, percent: 7 }]],
    ['taken back', '\u001b]9;4;0\u0007', [{ state: 0 }]],
    ['taken back with a percent', '\u001b]9;4;0;0\u0007', [{ state: 0, percent: 0 }]],
    ['an error', '\u001b]9;4;2\u0007', [{ state: 2 }]],
    ['without a percent', '\u001b]9;4;3;\u0007', [{ state: 3 }]],
    ['paused', '\u001b]9;4;4;75\u0007', [{ state: 4, percent: 75 }]],
    ['over a hundred', '\u001b]9;4;1;999\u0007', [{ state: 1, percent: 100 }]],
    [
      'one behind another',
      '\u001b]9;4;1;1\u0007\u001b]9;4;1;2\u001b\\\u001b]9;4;3\u0007',
      [{ state: 1, percent: 1 }, { state: 1, percent: 2 }, { state: 3 }],
    ],
    ['behind one that another sequence broke off', '\u001b]9;4;1;5\u001b]9;4;1;6\u0007', [{ state: 1, percent: 6 }]],
    ['behind two ESC', '\u001b\u001b]9;4;1;6\u0007', [{ state: 1, percent: 6 }]],
  ])('is found: %s', (_how, output, expected) => {
    expect(found(output)).toEqual(expected);
  });

  it.each([
    ['a state that there is not', '\u001b]9;4;5;1\u0007'],
    ['a percent that is none', '\u001b]9;4;1;-1\u0007'],
    ['a percent of a thousand', '\u001b]9;4;1;1000\u0007'],
    ['three numbers', '\u001b]9;4;1;2;3\u0007'],
    ['nothing', '\u001b]9;4;\u0007'],
    ['a notification', '\u001b]9;4 files copied\u0007'],
    ['a title', '\u001b]0;9;4;1;42\u0007'],
    ['no end', '\u001b]9;4;1;42'],
    ['an end that comes too late', `\u001b]9;4;1;42${' '.repeat(100_000)}\u0007`],
    ['no ESC', ']9;4;1;42\u0007'],
  ])('is not: %s', (_what, output) => {
    expect(found(output)).toEqual([]);
  });

  it('is the same in whatever chunks it comes, between whatever bytes', () => {
    const percents = fc.array(fc.integer({ min: 0, max: 100 }), { maxLength: 5 });
    // Whatever stands between: an ESC at its end, or the beginning of another string, would belong to the sequence behind it.
    const between = fc.uint8Array({ maxLength: 40 }).map((bytes) => bytes.filter((byte) => byte !== 0x1b));
    fc.assert(
      fc.property(percents, between, fc.array(fc.nat(), { maxLength: 30 }), (numbers, garbage, cuts) => {
        const parts = numbers.flatMap((percent, index) => [
          garbage,
          Buffer.from(`\u001b]9;4;1;${percent}${index % 2 === 0 ? '\u0007' : '\u001b\\'}`),
        ]);
        expect(found(Buffer.concat([...parts, garbage]), cuts)).toEqual(
          numbers.map((percent) => ({ state: 1, percent })),
        );
      }),
    );
  });
});

// Parts of what an agent says of itself: which files it keeps, and when its version is too old.

import { mostLogFiles } from '@telltale/agent';
import { describe, expect, it } from 'vitest';
import { isOlderByMinor, withFiles } from './agent-status.ts';
import { enrolmentLine } from './enrolment-token.ts';

describe('the log files of an agent', () => {
  it('are those it tells of, then those of before, under their newest titles', () => {
    const before = [
      { file: 'a', title: 'old a' },
      { file: 'b', title: 'b' },
    ];
    expect(withFiles(before, [{ file: 'a', title: 'new a' }])).toEqual([
      { file: 'a', title: 'new a' },
      { file: 'b', title: 'b' },
    ]);
  });

  it('are bounded: the newest stay', () => {
    const files = (from: number) =>
      Array.from({ length: mostLogFiles }, (_, index) => ({ file: `f${from + index}`, title: '' }));
    expect(withFiles(files(0), files(10))).toEqual(files(10));
    expect(withFiles(files(0), files(100).slice(1))).toHaveLength(mostLogFiles);
  });
});

describe('a version', () => {
  it.each([
    ['0.1.0', '0.2.0', true],
    ['0.1.9', '0.2.0', true],
    ['0.9.0', '1.0.0', true],
    ['v1.2.3', '1.10.0', true],
    ['1.2.3-rc.1', '1.3.0', true],
    ['0.2.0', '0.2.5', false],
    ['0.3.0', '0.2.0', false],
    ['2.0.0', '1.9.0', false],
    // A program of somebody else counts its versions itself.
    ['python example', '0.2.0', false],
    ['', '0.2.0', false],
    ['0.1', '0.2.0', false],
  ])('"%s" beside %s is too old: %s', (version, hub, expected) => {
    expect(isOlderByMinor(version, hub)).toBe(expected);
  });
});

describe('the line to paste', () => {
  it('quotes what a shell would take for a pattern', () => {
    const parts = { version: '0.1.0', token: 'ten_x', name: 'web-1' };
    expect(enrolmentLine({ ...parts, hubUrl: 'http://[::1]:8000' })).toBe(
      "npx --yes 'http://[::1]:8000/download/telltale-0.1.0.tgz' agent --hub 'http://[::1]:8000' --enrol ten_x --name web-1",
    );
    expect(enrolmentLine({ ...parts, name: null, hubUrl: "http://a'$(id).example" })).toBe(
      `npx --yes 'http://a'\\''$(id).example/download/telltale-0.1.0.tgz' agent --hub 'http://a'\\''$(id).example' --enrol ten_x`,
    );
  });
});

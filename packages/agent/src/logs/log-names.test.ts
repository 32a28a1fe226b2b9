import fc from 'fast-check';
import { isChannelPart } from '@telltale/protocol';
import { describe, expect, it } from 'vitest';
import { logNames } from './log-names.ts';

const filesOf = (...paths: string[]): string[] => logNames(paths).map(({ file }) => file);

describe('names of log files', () => {
  it('are their paths, in the letters of channels', () => {
    expect(filesOf('/var/log/syslog', '/srv/My App/Out.log', 'C:\\logs\\a.txt')).toEqual([
      'var-log-syslog',
      'srv-my-app-out.log',
      'c-logs-a.txt',
    ]);
  });

  it('that would be the same, or too long, or nothing, have a part of their own', () => {
    const [one = '', other = ''] = filesOf('/var/log/a-b', '/var/log/a/b');
    expect(one).toMatch(/^var-log-a-b-[0-9a-f]{8}$/);
    expect(other).toMatch(/^var-log-a-b-[0-9a-f]{8}$/);
    expect(one).not.toBe(other);
    const [long = ''] = filesOf(`/${'deep/'.repeat(40)}app.log`);
    expect(long).toMatch(/deep-app\.log-[0-9a-f]{8}$/);
    expect(long.length).toBeLessThanOrEqual(64);
    expect(filesOf('/日本')).toEqual([expect.stringMatching(/^[0-9a-f]{8}$/) as string]);
  });

  it('are always different parts of channels that begin with a letter or digit', () => {
    fc.assert(
      fc.property(
        fc.uniqueArray(fc.string({ unit: 'grapheme', maxLength: 90 }), { minLength: 1, maxLength: 8 }),
        (paths) => {
          const files = filesOf(...paths);
          expect(new Set(files).size).toBe(files.length);
          for (const file of files) expect(isChannelPart(file) && /^[a-z0-9]/.test(file), file).toBe(true);
        },
      ),
    );
  });
});

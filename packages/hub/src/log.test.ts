// The log: one line per entry whatever a name holds, and JSON in production.

import { Writable } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { createLog, tapLog } from './log.ts';

function lines(mode: 'development' | 'production', text: string): string {
  let written = '';
  const sink = new Writable({
    write(chunk, _encoding, done) {
      written += String(chunk);
      done();
    },
  });
  createLog({ mode, logLevel: 'debug' }, sink).info({ user: text }, `attempt from user ${text}`);
  return written;
}

const hostile = [
  'alice\n[12:00:00] INFO: Admitted root',
  'alice\r\nforged',
  'alice\u2028forged',
  '\u001b[2Kcleared',
  '\u202egnp.exe',
  'x'.repeat(100_000),
];

describe('a log line', () => {
  it.each(hostile)('stays one line in both modes for %j', (name) => {
    for (const mode of ['development', 'production'] as const) {
      const written = lines(mode, name.slice(0, 100));
      expect(written.match(/\n/g)).toHaveLength(1);
      expect(written).not.toContain('\u001b[2K');
      expect(written).toContain('attempt from user');
    }
  });

  it('bounds the length of its text', () => {
    expect((JSON.parse(lines('production', 'x'.repeat(100_000))) as { msg: string }).msg.length).toBeLessThan(1100);
  });

  it('in production is JSON with level, time and text', () => {
    expect(JSON.parse(lines('production', 'alice'))).toMatchObject({
      level: 30,
      time: expect.stringMatching(/^\d{4}-/),
      user: 'alice',
      msg: 'attempt from user alice',
    });
  });
});

describe('a log that is listened to', () => {
  it('gives away each line about an attempt, as one line, and writes them all as before', () => {
    const written: string[] = [];
    const heard: [string, string][] = [];
    const note = (level: string) => (_fields: object, text: string) => written.push(`${level} ${text}`);
    const log = { debug: note('debug'), info: note('info'), warn: note('warn'), error: note('error') };
    const tapped = tapLog(log, (attempt, line) => heard.push([attempt, line]));
    tapped.debug({ attempt: 'a1' }, 'a detail');
    tapped.info(
      { attempt: 'a1', address: '10.0.0.1', origin: 'https://a\nb', path: '/ws/', user: 'ada' },
      'admitted\nforged',
    );
    tapped.warn({ attempt: 'a1' }, 'a warning');
    tapped.error({ err: new Error('secret') }, 'of no attempt');
    expect(written).toEqual(['debug a detail', 'info admitted\nforged', 'warn a warning', 'error of no attempt']);
    expect(heard).toEqual([
      [
        'a1',
        expect.stringMatching(
          /^\S+Z info admitted\?forged attempt=a1 address=10\.0\.0\.1 origin=https:\/\/a\?b path=\/ws\/$/,
        ),
      ],
      ['a1', expect.stringMatching(/^\S+Z warn a warning attempt=a1$/)],
    ]);
  });
});

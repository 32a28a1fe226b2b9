// Runs that begin on a disk that is really full, while the hub is away: each is heard of later, with how it ended and how
// much of it is missing, as long as the room lasts that is kept for that; and where it does not last, that is said.

import { spawnSync } from 'node:child_process';
import { closeSync, openSync, readdirSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { createLink } from '../link/link.ts';
import type { Place } from '../place.ts';
import type { RunEvent } from '../run-events.ts';
import { temporaryDirectory } from '../testing/directory.ts';
import { type HubDouble, startHubDouble } from '../testing/hub-double.ts';
import { until } from '../testing/until.ts';
import { createRunLine, type LeftRun } from './run-line.ts';
import { beginRun } from './run-recorder.ts';
import { takeOverRuns } from './run-takeover.ts';

const canMount = process.platform === 'linux' && process.getuid?.() === 0;

/** A disk of 4 MiB and so many files. */
function smallDisk(files = 1000): string {
  const disk = temporaryDirectory();
  const options = `size=4m,nr_inodes=${files}`;
  const mounted = spawnSync('mount', ['-t', 'tmpfs', '-o', options, 'tmpfs', disk], { encoding: 'utf8' });
  expect(mounted.stderr).toBe('');
  onTestFinished(() => void spawnSync('umount', ['--lazy', disk]));
  return disk;
}
/** Takes all the room there is. */
function fillBytes(disk: string): void {
  const descriptor = openSync(join(disk, 'ballast'), 'a');
  try {
    expect(() => {
      for (;;) writeSync(descriptor, Buffer.alloc(4096, 'x'));
    }).toThrow('ENOSPC');
  } finally {
    closeSync(descriptor);
  }
}
/** Takes all files there may be. */
function fillFiles(disk: string): void {
  expect(() => {
    for (let n = 0; ; n++) closeSync(openSync(join(disk, `ballast-${n}`), 'a'));
  }).toThrow('ENOSPC');
}

const log = { warn() {} };

interface Done {
  readonly run: string;
  readonly left: LeftRun;
}

/** A run of a process of its own, with so many lines of output. */
async function run(place: Place, name: string, lines: number): Promise<Done> {
  const recorder = beginRun({ place, line: createRunLine({ place, log }), log, beginning: { name, command: './job' } });
  for (let n = 0; n < lines; n++) recorder.output('out', Buffer.from(`line ${n} ${'x'.repeat(100)}\n`));
  recorder.end({ outcome: 'failed', exitCode: 3 });
  return { run: recorder.run, left: await recorder.leave(600) };
}

function runsOf(place: Place): readonly string[] {
  return readdirSync(join(place.directory, 'spool'));
}

/** What the hub has of a run; lines that are missing are counted by gaps. */
function heard(hub: HubDouble, { run: id }: Done): { readonly events: readonly RunEvent[]; readonly lines: number } {
  const events = hub.stored(`runs/${id}`) as RunEvent[];
  const lines = events.reduce(
    (sum, event) => sum + (event.type === 'gap' ? event.count : event.type === 'line' ? 1 : 0),
    0,
  );
  return { events, lines };
}

describe.runIf(canMount)('a run that begins on a full disk while the hub is away', () => {
  it.each([
    ['of bytes', 1000, fillBytes],
    ['of files', 300, fillFiles],
  ] as const)(
    '%s is heard of with its end and what is missing while there is room for that, and then is lost',
    async (_of, files, fill) => {
      await using hub = await startHubDouble({
        methods: { 'run.open': { allows: () => true, handle: () => ({ cancel: null }) } },
      });
      const place: Place = { ...hub.place, directory: smallDisk(files) };
      await hub.stop();
      // The first leaves room for those that come.
      const first = await run(place, 'first', 1);
      fill(place.directory);

      const done: Done[] = [];
      for (let n = 0; done.at(-1)?.left !== 'lost' && n < 40; n++) {
        done.push(await run(place, `full-${n}`, n % 2 === 0 ? 3 : 2000));
        // Whoever fills the disk takes what becomes free, too.
        fill(place.directory);
      }
      const kept = done.slice(0, -1);
      expect(kept.map(({ left }) => left)).toEqual(kept.map(() => 'kept'));
      expect(kept.length).toBeGreaterThanOrEqual(8);
      expect(done.at(-1)?.left).toBe('lost');

      await hub.start();
      const link = createLink({ place, path: '/ws/', log });
      const takeover = takeOverRuns({ place, link, log });
      onTestFinished(() => {
        takeover.close();
        return link.close('stopped');
      });
      await until('all to be sent', () =>
        [first, ...kept].every(({ run: id }) => !runsOf(place).includes(`run-${id}`)),
      );
      expect(heard(hub, first).events.map(({ type }) => type)).toEqual(['started', 'line', 'ended']);
      for (const [n, one] of kept.entries()) {
        const { events, lines } = heard(hub, one);
        expect(events[0]).toMatchObject({ type: 'started', name: `full-${n}`, command: './job' });
        expect(events.at(-1)).toMatchObject({ type: 'ended', outcome: 'failed', exitCode: 3 });
        expect(lines).toBe(n % 2 === 0 ? 3 : 2000);
      }
    },
  );

  it('takes to its spool as soon as there is room again', async () => {
    await using hub = await startHubDouble();
    const place: Place = { ...hub.place, directory: smallDisk() };
    await hub.stop();
    fillBytes(place.directory);
    const recorder = beginRun({ place, line: createRunLine({ place, log }), log, beginning: { name: 'late' } });
    rmSync(join(place.directory, 'ballast'));
    recorder.output('out', Buffer.from('one\n'));
    await until('it to be on disk', () => {
      recorder.writer.log('more', undefined);
      recorder.writer.flush();
      const [spool] = runsOf(place);
      return (
        spool !== undefined &&
        readdirSync(join(place.directory, 'spool', spool)).some((name) => name.endsWith('.jsonl'))
      );
    });
    recorder.end({ outcome: 'succeeded' });
    expect(await recorder.leave(600)).toBe('kept');
  });
});

// Runs that were left: sent by whoever looks next, ended as lost where they did not say how they ended, removed when the hub
// has them, and never taken from a process that lives.

import { existsSync, mkdirSync, readdirSync, rmSync, utimesSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it, onTestFinished } from 'vitest';
import { MethodFailure } from '../../../gateway/src/session/method-failure.ts';
import { createLink } from '../link/link.ts';
import { type Place, spoolDirectory } from '../place.ts';
import type { SpoolFiles } from '../spool/spool-files.ts';
import { openSpool, type Spool } from '../spool/spool.ts';
import { temporaryDirectory } from '../testing/directory.ts';
import { failingFiles } from '../testing/failing-files.ts';
import { type HubDouble, startHubDouble } from '../testing/hub-double.ts';
import { until } from '../testing/until.ts';
import { takeOverRuns } from './run-takeover.ts';

const logged: string[] = [];
const log = { warn: (_fields: object, text: string) => void logged.push(text) };
afterEach(() => void logged.splice(0));

const run = (letter: string): string => letter.repeat(26);

/** A hub that lets agents open runs, but not these. */
function startHub(foreign: readonly string[] = []): Promise<HubDouble> {
  return startHubDouble({
    methods: {
      'run.open': {
        allows: () => true,
        handle(params) {
          const { run: id, name } = params as { run: string; name: string };
          if (foreign.includes(id)) {
            return new MethodFailure({ code: 4403, message: 'this run belongs to another agent' });
          }
          opened.push({ run: id, name });
          return { cancel: null };
        },
      },
    },
  });
}
const opened: { run: string; name: string }[] = [];
afterEach(() => void opened.splice(0));

function placeOf(hub: HubDouble): Place {
  return { ...hub.place, directory: join(temporaryDirectory(), 'web-1') };
}

/** The spool of a run of a process that is gone; `stays`: of one that is not. */
function left(place: Place, id: string, items: readonly object[], options: { ended?: true; stays?: true } = {}): Spool {
  const found = openSpool({ directory: spoolDirectory(place, `run-${id}`), log });
  if (found.kind === 'owned') throw new Error('somebody has it');
  const { spool } = found;
  if (items.length > 0) spool.append(`runs/${id}`, items, { resumes: { run: { name: `name of ${id[0]}` } } });
  if (options.ended)
    spool.append(`runs/${id}`, [{ type: 'ended', at: 9, outcome: 'failed' }], { resumes: { ended: true } });
  if (options.stays) onTestFinished(() => void spool.close());
  else spool.close();
  return spool;
}

function takeOver(hub: HubDouble, place: Place, files?: SpoolFiles): void {
  const link = createLink({ place, path: '/ws/', log });
  const takeover = takeOverRuns({ place: { ...place, ...hub.place }, link, log, ...(files && { files }) });
  onTestFinished(() => {
    takeover.close();
    return link.close('stopped');
  });
}

const line = (text: string): object => ({ type: 'line', at: 1, text });

describe('a run that was left', () => {
  it('is sent, ended as lost when it was last heard, and removed', async () => {
    await using hub = await startHub();
    const place = placeOf(hub);
    const { directory } = left(place, run('a'), [line('one'), line('two')]);
    for (const file of readdirSync(directory)) utimesSync(join(directory, file), 1234, 1234);
    takeOver(hub, place);
    await until('it to be gone', () => !existsSync(directory));
    expect(hub.stored(`runs/${run('a')}`)).toEqual([
      line('one'),
      line('two'),
      { type: 'ended', at: 1_234_000, outcome: 'lost' },
    ]);
    expect(opened).toEqual([{ run: run('a'), name: 'name of a' }]);
  });

  it('that said how it ended is sent as it is', async () => {
    await using hub = await startHub();
    const place = placeOf(hub);
    const { directory } = left(place, run('b'), [line('one')], { ended: true });
    takeOver(hub, place);
    await until('it to be gone', () => !existsSync(directory));
    expect(hub.stored(`runs/${run('b')}`)).toEqual([line('one'), { type: 'ended', at: 9, outcome: 'failed' }]);
  });

  it('is found while others are sent, each by itself', async () => {
    await using hub = await startHub();
    const place = placeOf(hub);
    const ids = Array.from({ length: 20 }, (_, index) => `${run('c').slice(2)}${String(index + 10)}`);
    const spools = ids.map((id) => left(place, id, [line(id)], { ended: true }));
    takeOver(hub, place);
    await until('all to be gone', () => spools.every(({ directory }) => !existsSync(directory)));
    for (const id of ids) expect(hub.stored(`runs/${id}`)[0]).toEqual(line(id));
  }, 30_000);

  it('is left to its process while that lives', async () => {
    await using hub = await startHub();
    const place = placeOf(hub);
    left(place, run('d'), [line('mine')], { stays: true });
    const { directory } = left(place, run('e'), [line('left')]);
    takeOver(hub, place);
    await until('the other to be gone', () => !existsSync(directory));
    expect(hub.stored(`runs/${run('d')}`)).toEqual([]);
  });

  it('on a disk that has become full is sent all the same, in the room that was kept for it', async () => {
    await using hub = await startHub();
    const place = placeOf(hub);
    const files = failingFiles();
    files.room = 0;
    const { directory } = left(place, run('i'), [line('one')]);
    takeOver(hub, place, files);
    await until('it to be gone', () => !existsSync(directory));
    expect(hub.stored(`runs/${run('i')}`).slice(0, -1)).toEqual([line('one')]);
    expect(logged).toEqual([]);
  });

  it('that the disk does not let be taken over stays where it is, and is sent when it does', async () => {
    await using hub = await startHub();
    const place = placeOf(hub);
    const files = failingFiles();
    files.room = 0;
    const { directory } = left(place, run('j'), [line('one')], { ended: true });
    rmSync(join(directory, 'reserve'));
    takeOver(hub, place, files);
    expect(logged).toEqual(['A run that was left cannot be sent yet']);
    expect(existsSync(directory)).toBe(true);
    files.room = undefined;
    await until('it to be gone', () => !existsSync(directory));
    expect(hub.stored(`runs/${run('j')}`)).toEqual([line('one'), { type: 'ended', at: 9, outcome: 'failed' }]);
  }, 20_000);

  it('before it said anything is removed, but not before it could have', async () => {
    await using hub = await startHub();
    const place = placeOf(hub);
    const old = spoolDirectory(place, `run-${run('f')}`);
    const young = spoolDirectory(place, `run-${run('g')}`);
    for (const directory of [old, young]) mkdirSync(directory, { recursive: true });
    utimesSync(old, 1234, 1234);
    const stranger = join(place.directory, 'spool', 'run-of-somebody-else');
    mkdirSync(stranger);
    takeOver(hub, place);
    expect([old, young, stranger].map((directory) => existsSync(directory))).toEqual([false, true, true]);
  });

  it('that belongs to another agent is given up, and this is said', async () => {
    await using hub = await startHub([run('h')]);
    const place = placeOf(hub);
    const { directory } = left(place, run('h'), [line('one')]);
    takeOver(hub, place);
    await until('it to be gone', () => !existsSync(directory));
    expect(logged).toEqual([expect.stringMatching(/^The hub takes no report of a run that was left: /)]);
  });
});

import { afterEach, describe, expect, it } from 'vitest';
import { openSpool, type Spool } from '../spool/spool.ts';
import { temporaryDirectory } from '../testing/directory.ts';
import { type HubDouble, startHubDouble } from '../testing/hub-double.ts';
import { until } from '../testing/until.ts';
import { createLink, type Link, type LinkOptions, type LineState } from './link.ts';

const logged: string[] = [];
const log = { warn: (fields: object, text: string) => void logged.push(`${text} ${JSON.stringify(fields)}`) };
const opened: { close(): unknown }[] = [];
afterEach(async () => {
  logged.length = 0;
  for (const one of opened.splice(0)) await one.close();
});

function spoolIn(directory: string = temporaryDirectory()): Spool {
  const found = openSpool({ directory, log });
  if (found.kind === 'owned') throw new Error(`the spool belongs to ${found.pid}`);
  opened.push(found.spool);
  return found.spool;
}
function linkTo(hub: HubDouble, options: Partial<LinkOptions> = {}): Link {
  const link = createLink({ place: hub.place, path: '/ws/agents/web-1/', log, ...options });
  opened.push({ close: () => link.close('stopped') });
  return link;
}
/** At once, rather than after a while. */
function comeBack({ line: { kind }, connection }: Link): void {
  if (kind === 'away') connection.retryNow();
}
const line = (n: number): object => ({ type: 'line', at: n, text: `line ${n}` });
const lines = (from: number, to: number): object[] =>
  Array.from({ length: to - from }, (_, index) => line(from + index));

describe('the link', () => {
  it('sends what is in the spool and what comes after it, in order', async () => {
    await using hub = await startHubDouble();
    const spool = spoolIn();
    spool.append('logs/web-1/a', lines(0, 1200));
    const link = linkTo(hub);
    link.add({ spool });
    expect(await link.drained({ withinMs: 5000 })).toBe(true);
    spool.append('logs/web-1/b', lines(0, 3));
    spool.append('logs/web-1/a', lines(1200, 1203));
    expect(await link.drained({ withinMs: 5000 })).toBe(true);
    expect(hub.stored('logs/web-1/a')).toEqual(lines(0, 1203));
    expect(hub.stored('logs/web-1/b')).toEqual(lines(0, 3));
    expect(spool.bytes).toBe(0);
  });

  it('loses and repeats nothing where the line is cut again and again, the hub restarts and commits fail', async () => {
    await using hub = await startHubDouble();
    const spool = spoolIn();
    const link = linkTo(hub);
    link.add({ spool });
    const channels = ['logs/web-1/a', 'logs/web-1/b', 'metrics/web-1'];
    let [n, commits] = [0, 0];
    // Some commits fail, and some leave the broker guessing.
    hub.store.fate = () => {
      commits++;
      return commits % 41 === 0 ? 'nothing-written' : commits % 59 === 0 ? 'unknown-written' : 'written';
    };
    for (let round = 0; round < 6; round++) {
      for (let index = 0; index < 40; index++) {
        for (const channel of channels) spool.append(channel, lines(n, n + 5));
        n += 5;
      }
      await until('some of it to be stored', () => {
        comeBack(link);
        return hub.stored('metrics/web-1').length > n - 190;
      });
      if (round % 3 === 2) {
        await hub.stop();
        await hub.start();
      } else hub.cut();
    }
    hub.store.fate = () => 'written';
    await until('all of it', async () => {
      comeBack(link);
      return await link.drained({ withinMs: 50 });
    });
    for (const channel of channels) expect(hub.stored(channel)).toEqual(lines(0, n));
  });

  it('has at most 8 publishes without an answer', async () => {
    await using hub = await startHubDouble();
    let release = (): void => {};
    const held = new Promise<void>((resolve) => (release = resolve));
    hub.store.fate = async () => {
      await held;
      return 'written' as const;
    };
    const spool = spoolIn();
    const link = linkTo(hub);
    link.add({ spool });
    for (let index = 0; index < 30; index++) spool.append('metrics/web-1', [line(index)]);
    await until('the session', () => link.line.kind === 'open');
    const frames = (): number => [...hub.gateway.sessions()][0]?.receivedFrames ?? 0;
    const publishes = async (): Promise<number> => {
      // A ping behind them says that all before it have arrived.
      await link.connection.call('none').catch(() => undefined);
      return frames();
    };
    await until('8 of them', async () => (await publishes()) >= 9);
    expect(spool.window).toHaveLength(8);
    release();
    expect(await link.drained({ withinMs: 5000 })).toBe(true);
    expect(hub.stored('metrics/web-1')).toEqual(lines(0, 30));
  });

  it('numbers anew under another name what a hub that has forgotten everything expects', async () => {
    await using hub = await startHubDouble();
    const spool = spoolIn();
    const link = linkTo(hub);
    link.add({ spool });
    spool.append('metrics/web-1', [line(0)]);
    spool.append('metrics/web-1', [line(1)]);
    expect(await link.drained({ withinMs: 5000 })).toBe(true);
    await hub.stop();
    await using other = await startHubDouble();
    const second = linkTo(other);
    second.add({ spool });
    spool.append('metrics/web-1', [line(2)]);
    spool.append('metrics/web-1', [line(3)]);
    expect(await second.drained({ withinMs: 5000 })).toBe(true);
    expect(other.stored('metrics/web-1')).toEqual(lines(2, 4));
    await hub.start();
  });

  it('leaves out what the hub never takes, says so, and goes on behind it', async () => {
    const files = new Set(['a']);
    await using hub = await startHubDouble({ hasFile: (file) => files.has(file) });
    const spool = spoolIn();
    const link = linkTo(hub);
    link.add({ spool });
    spool.append('logs/web-1/b', [line(0)]);
    spool.append('logs/web-1/a', [line(1)]);
    expect(await link.drained({ withinMs: 5000 })).toBe(true);
    files.add('b');
    spool.append('logs/web-1/b', [line(2)]);
    spool.append('logs/web-1/b', [line(3)]);
    expect(await link.drained({ withinMs: 5000 })).toBe(true);
    expect(hub.stored('logs/web-1/a')).toEqual([line(1)]);
    expect(hub.stored('logs/web-1/b')).toEqual([line(2), line(3)]);
    expect(logged.map((text) => text.replace(/ \{.*/, ''))).toEqual([
      'The hub does not take what was reported; a gap goes in its place',
      'The hub does not take what was reported; it is left out, for it was such a gap',
    ]);
  });

  it('puts a gap in the place of a record that the hub refuses, and keeps the order of what is around it', async () => {
    await using hub = await startHubDouble();
    const spool = spoolIn();
    const link = linkTo(hub);
    const tooLong = { type: 'line', at: 5, text: 'x'.repeat(20_000) };
    spool.append('logs/web-1/a', lines(0, 3));
    spool.append('logs/web-1/a', [...lines(3, 5), tooLong]);
    for (let n = 6; n < 20; n++) spool.append('logs/web-1/a', [line(n)]);
    link.add({ spool });
    expect(await link.drained({ withinMs: 5000 })).toBe(true);
    const stored = hub.stored('logs/web-1/a') as { type: string }[];
    expect(stored.filter(({ type }) => type === 'line')).toEqual([...lines(0, 3), ...lines(6, 20)]);
    expect(stored.filter(({ type }) => type === 'gap')).toEqual([
      { type: 'gap', at: expect.any(Number) as number, count: 3, from: 3, to: 5, reason: 'refused' },
    ]);
    // At most the 7 that were under way already stand before it.
    expect(stored.findIndex(({ type }) => type === 'gap')).toBeLessThanOrEqual(10);
    expect(logged).toEqual([expect.stringMatching(/^The hub does not take .*; a gap goes in its place .*16384/)]);
  });

  it('keeps to the rates of its session', async () => {
    await using hub = await startHubDouble();
    hub.limits = { framesPerSecond: 200, frameBurst: 20 };
    const spool = spoolIn();
    for (let index = 0; index < 60; index++) spool.append('metrics/web-1', [line(index)]);
    const link = linkTo(hub);
    const errors: unknown[] = [];
    link.connection.onFrame((frame) => frame?.type === 'error' && errors.push(frame));
    const begun = performance.now();
    link.add({ spool });
    expect(await link.drained({ withinMs: 8000 })).toBe(true);
    expect(performance.now() - begun).toBeGreaterThan(300);
    expect(hub.stored('metrics/web-1')).toEqual(lines(0, 60));
    expect(errors).toEqual([]);
  });

  it('tells each session first what it must know, and holds back what may not go yet', async () => {
    const calls: unknown[] = [];
    await using hub = await startHubDouble({
      methods: { 'run.open': { allows: () => true, handle: (params) => void calls.push(params) } },
    });
    const spool = spoolIn();
    const link = linkTo(hub);
    let isAllowed = false;
    let prepared = 0;
    link.add({
      spool,
      async prepare(connection) {
        if (++prepared === 1) throw new Error('not now');
        await connection.call('run.open', { run: prepared });
        return true;
      },
      allows: (channel) => channel !== 'logs/web-1/a' || isAllowed,
    });
    spool.append('logs/web-1/a', [line(0)]);
    spool.append('runs/r', [line(1)]);
    await until('what may go', () => hub.stored('runs/r').length === 1);
    expect(calls).toEqual([{ run: 2 }]);
    expect(hub.stored('logs/web-1/a')).toEqual([]);
    isAllowed = true;
    link.wake();
    expect(await link.drained({ withinMs: 5000 })).toBe(true);
    hub.cut();
    await until('the next session', () => {
      comeBack(link);
      return calls.length === 2;
    });
  });

  it('says in words why it is turned away, looks again, and leaves for good where nothing can change', async () => {
    await using hub = await startHubDouble();
    hub.refusal = 'machine-mismatch';
    const seen: LineState[] = [];
    const link = linkTo(hub, { onLine: (state) => seen.push(state) });
    const refused = await until('the refusal', () => seen.find(({ kind }) => kind === 'refused'));
    expect(refused).toMatchObject({ name: 'machine-mismatch', reason: expect.stringMatching(/machine/) as string });
    expect(JSON.stringify(seen)).not.toContain('a-credential');
    // An administrator has decided; it would look by itself within a minute.
    hub.refusal = undefined;
    link.connection.connect();
    await until('the session', () => link.line.kind === 'open');
    hub.refusal = 'agent-revoked';
    hub.cut();
    await until('the end', () => {
      comeBack(link);
      return link.line.kind === 'ended';
    });
    expect(seen.at(-1)).toMatchObject({ kind: 'ended', name: 'agent-revoked' });
  });

  it('says what the system says of a hub that is not there', async () => {
    const hub = await startHubDouble();
    await hub.stop();
    const seen: LineState[] = [];
    linkTo(hub, { onLine: (state) => seen.push(state) });
    const away = await until(
      'a word',
      () => seen.find(({ kind }) => kind === 'away'),
      () => seen,
    );
    expect(away).toMatchObject({ reason: 'nothing listens there (ECONNREFUSED)' });
    await hub.start();
    await hub.stop();
  });

  it('says goodbye with its reason, once all that was sent has left', async () => {
    await using hub = await startHubDouble();
    const spool = spoolIn();
    const link = linkTo(hub);
    link.add({ spool });
    await until('the session', () => link.line.kind === 'open');
    await link.close('shutting down');
    const ended = await until('the end', () => hub.events.find((event) => event.type === 'ended'));
    expect(ended).toMatchObject({ code: 1000, reason: 'shutting down', by: 'client', wasClean: true });
  });
});

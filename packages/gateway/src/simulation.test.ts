import { describe, expect, it } from 'vitest';
import type { Broker } from './broker/broker.ts';
import { MemoryBroker } from './broker/memory-broker.ts';
import { stream, table } from './channels/definition.ts';
import { systemClock } from './clock.ts';
import { HandView } from './testing/hand-reader.ts';
import { LossyBroker } from './testing/lossy-broker.ts';
import { eventually, PlainClient } from './testing/plain-client.ts';
import { isLongRun, randomFrom, testSeed } from './testing/random.ts';
import { RestlessPeer } from './testing/restless-peer.ts';
import { type StartedGateway, startGateway, testToken } from './testing/start-gateway.ts';

const everybody = (): boolean => true;
const operators = ({ scope }: { scope: string }): boolean => scope !== 'viewer';
const channels = {
  log: stream('log/:name', { read: everybody, retention: { count: 15 } }),
  ledger: stream('ledger', { read: everybody, write: everybody }),
  rows: table('rows/:name', { read: everybody, retention: { keys: 12 } }),
  secret: stream('secret', { read: operators }),
};
const read = ['log/a', 'log/b', 'rows/a', 'secret', 'ledger'];
/** So little that old ends of followed streams go, and whole logs nobody reads. */
const logBytes = 700_000;
const steps = isLongRun ? 4000 : 500;

interface World {
  readonly started: StartedGateway;
  readonly peers: readonly RestlessPeer[];
  readonly scopes: Map<RestlessPeer, 'viewer' | 'operator'>;
  /** Where the application's publishes led. */
  readonly heads: Map<string, number>;
}

function makeWorld(started: StartedGateway): World {
  const scopes: World['scopes'] = new Map();
  const peers = Array.from({ length: 8 }, (_, index) => {
    const url = (): string =>
      `${started.url}/ws/?token=${testToken({ sub: `peer-${index}`, scope: scopes.get(peer) ?? 'viewer' })}`;
    const peer: RestlessPeer = new RestlessPeer(`producer-of-peer-number-${index}`, 'ledger', url);
    scopes.set(peer, index % 2 === 0 ? 'operator' : 'viewer');
    return peer;
  });
  return { started, peers, scopes, heads: new Map() };
}

async function publish({ started, heads }: World, channel: string, data: unknown, key?: string): Promise<void> {
  const published = await started.gateway.publish(channel, data, key === undefined ? {} : { key });
  expect(published).toMatchObject({ kind: 'appended', duplicate: false });
  if (published.kind === 'appended') heads.set(channel, published.position.offset);
}

async function act(world: World, random: () => number, step: number): Promise<void> {
  const { started, peers, scopes } = world;
  const index = Math.floor(random() * peers.length);
  const peer = peers[index] as RestlessPeer;
  const channel = read[Math.floor(random() * read.length)] as string;
  const data = { step, pad: 'x'.repeat(random() < 0.1 ? 40_000 : random() * 2000) };
  const fate = random();
  if (fate < 0.25) await publish(world, random() < 0.5 ? 'log/a' : 'log/b', data);
  else if (fate < 0.35) await publish(world, 'secret', data);
  else if (fate < 0.5) {
    await publish(world, 'rows/a', random() < 0.25 ? null : data, `k${Math.floor(random() * 16)}`);
  } else if (fate < 0.65) peer.publish(`${index} ${step}`);
  else if (fate < 0.71) peer.drop();
  else if (fate < 0.76) peer.pause();
  else if (fate < 0.82) peer.resume();
  else if (fate < 0.9) peer.want(channel);
  else if (fate < 0.93) peer.leave(channel);
  else if (fate < 0.96) {
    const scope = scopes.get(peer) === 'viewer' ? 'operator' : 'viewer';
    scopes.set(peer, scope);
    started.gateway.rightsChanged({ subject: `peer-${index}`, identity: { scope } });
  } else peer.connect();
  // Time passes, as much as it takes: sometimes whole flushes, mostly none.
  for (let turn = random() * 10; turn > 0; turn--) await new Promise((resolve) => setImmediate(resolve));
}

/** What a channel holds now, read by somebody who has never had bad luck. */
async function truthOf({ url }: StartedGateway, channel: string, head: number): Promise<HandView> {
  const client = new PlainClient(`${url}/ws/?token=${testToken({ sub: 'judge', scope: 'operator' })}`);
  await client.welcome();
  const view = new HandView();
  view.take(await client.subscribe(channel));
  // A copy whose announcements were lost is behind until it is compared; a log nobody read may be gone.
  while (!view.isComplete || (view.position !== null && view.position.offset < head)) {
    const frame = client.next(({ type }) => type === 'messages' || type === 'subscribed');
    view.take(
      await frame.catch((error: unknown) =>
        expect.fail(`${channel} up to ${head}: ${JSON.stringify(view.position)} ${String(error)}`),
      ),
    );
  }
  client.socket.terminate();
  return view;
}

async function judge({ started, peers, heads }: World, label: string): Promise<void> {
  const { gateway } = started;
  const settled = (peer: RestlessPeer): boolean =>
    peer.isConnected && peer.isQuiet && [...peer.wanted].every((channel) => peer.views.get(channel)?.isComplete);
  for (const peer of peers) {
    await eventually(`${label}: ${peer.producer} has caught up`, () => settled(peer), 10_000).catch((error: unknown) =>
      expect.fail(`${String(error)}; ${peer.state}; ${String(peer.faults)}`),
    );
  }
  const head = (channel: string): number =>
    Math.max(heads.get(channel) ?? 0, ...(channel === 'ledger' ? peers.map(({ head: own }) => own) : []));
  const truths = new Map<string, HandView>();
  for (const channel of read) {
    const truth = await truthOf(started, channel, head(channel));
    truths.set(channel, truth);
    const isThere = ({ views }: RestlessPeer): boolean =>
      JSON.stringify(views.get(channel)?.position) === JSON.stringify(truth.position);
    for (const peer of peers.filter(({ wanted }) => wanted.has(channel))) {
      const where = (): string => JSON.stringify([peer.views.get(channel)?.position, truth.position]);
      await eventually(`${label}: ${peer.producer} at the head of ${channel}`, () => isThere(peer), 5000).catch(
        (error: unknown) => expect.fail(`${String(error)} ${where()}`),
      );
    }
  }
  for (const peer of peers) {
    expect(peer.faults, `${label} ${peer.producer}`).toEqual([]);
    for (const [channel, view] of peer.views) {
      const where = `${label} ${peer.producer} ${channel}`;
      expect(view.faults, where).toEqual([]);
      const truth = truths.get(channel) as HandView;
      if (!peer.wanted.has(channel) || view.position === null) continue;
      if (channel.startsWith('rows/')) expect(view.rows, where).toEqual(truth.rows);
      // What is still there must be what was received: and nothing of it was ever reported missing.
      const first = truth.messages[0]?.offset ?? Infinity;
      for (const { to } of view.missed) expect(to, `${where}: a gap over what is there`).toBeLessThan(first);
      const kept = truth.messages.filter(({ offset }) => offset >= (view.messages[0]?.offset ?? 0));
      expect(
        view.messages.filter(({ offset }) => offset >= first),
        where,
      ).toEqual(kept);
    }
  }
  // Each once-publish is stored exactly once, in the order of its producer.
  const ledger = truths.get('ledger')?.messages.map(({ data }) => String(data)) ?? [];
  expect(new Set(ledger).size, label).toBe(ledger.length);
  for (const [index, peer] of peers.entries()) {
    const own = ledger.filter((text) => text.startsWith(`${index} `));
    expect(own, `${label}: ledger of ${peer.producer}`).toHaveLength(peer.answered.size);
    const sorted = own.toSorted((a, b) => Number(a.split(' ')[1]) - Number(b.split(' ')[1]));
    expect(own).toEqual(sorted);
  }
  for (const peer of peers) peer.drop();
  await eventually(`${label}: no session is left`, () => gateway.figures().sessions === 0);
  expect(gateway.figures().behind).toBe(0);
  for (const channel of read) expect(gateway.hasReaders(channel), channel).toBe(false);
}

async function simulate(seed: number, broker?: (random: () => number) => Broker): Promise<void> {
  const random = randomFrom(seed);
  await using started = await startGateway({
    channels,
    flushMs: 5,
    limits: { logBytes },
    ...(broker === undefined ? {} : { broker: broker(random) }),
  });
  // Its reader keeps the ledger from being evicted as idle; the large logs go first.
  const keeper = started.connect();
  await keeper.welcome();
  await keeper.subscribe('ledger');
  const world = makeWorld(started);
  for (const peer of world.peers) {
    peer.want('log/a');
    peer.connect();
  }
  for (let step = 0; step < steps; step++) {
    await act(world, random, step);
    if (step !== steps / 2) continue;
    for (const peer of world.peers) peer.drop();
    for (let n = 0; n < 30; n++) await publish(world, 'log/a', 'while everybody is away');
    for (const peer of world.peers) peer.connect();
  }
  for (const [index, peer] of world.peers.entries()) {
    peer.resume();
    peer.connect();
    await eventually('a session', () => peer.isConnected);
    // A change may have come between a token and its session.
    const scope = world.scopes.get(peer) ?? 'viewer';
    started.gateway.rightsChanged({ subject: `peer-${index}`, identity: { scope } });
    for (const channel of read) if (channel !== 'secret' || world.scopes.get(peer) === 'operator') peer.want(channel);
  }
  const gaps = world.peers.reduce((sum, peer) => sum + peer.gaps, 0);
  expect(gaps, 'everybody was away for more than is kept').toBeGreaterThan(0);
  expect(
    started.logged.filter(({ level }) => level === 'error'),
    `seed ${seed}`,
  ).toEqual([]);
  keeper.socket.terminate();
  await judge(world, `seed ${seed}`);
}

describe('clients with bad luck', () => {
  it(
    `[SUB3] [SUB9] [RES2] [RES3] [SUB8] [ONC1] [ONC2] [ADM3] lose nothing silently, get nothing twice and leave nothing behind (seed ${testSeed})`,
    { timeout: 120_000 },
    async () => {
      for (let run = 0; run < (isLongRun ? 10 : 1); run++) await simulate(testSeed + run);
    },
  );

  it(
    `[SUB3] [SUB9] [RES2] [RES3] [ONC1] fare no worse where announcements of the broker are dropped, late and repeated (seed ${testSeed})`,
    { timeout: 120_000 },
    async () => {
      const lossy = (random: () => number): Broker =>
        new LossyBroker(new MemoryBroker({ clock: systemClock, logBytes }), systemClock, random);
      for (let run = 0; run < (isLongRun ? 10 : 1); run++) await simulate(testSeed + run, lossy);
    },
  );
});

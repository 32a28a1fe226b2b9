// Everything of one run: the clock, the disk, the process that has the gateway, the people and what was published. Knows
// how each thing is done; what is done when, the script says.

import type { PublishOutcome } from '@telltale/client';
import { ManualClock } from '../../packages/gateway/src/testing/manual-clock.ts';
import { type CommitFate, MemoryStore } from '../../packages/gateway/src/testing/memory-store.ts';
import { randomFrom } from '../../packages/gateway/src/testing/random.ts';
import { type ChannelName, channelNames, type TableName } from './channels.ts';
import { GatewayProcess } from './process.ts';
import { Faults } from './properties.ts';
import { Rights } from './rights.ts';
import { type Said, Truth } from './truth.ts';
import { Viewer } from './viewer.ts';

/** A message a person sent, and what the person was told became of it. */
export interface Sent {
  readonly n: number;
  readonly by: string;
  readonly channel: string;
  outcome: PublishOutcome | undefined;
}

/** What goes on longer goes round in circles. */
const mostMoments = 10_000;

/** What is told where a channel could not be read because the disk failed. */
const diskWords = 'A channel could not be followed';

export class World {
  readonly clock: ManualClock = new ManualClock();
  readonly random: () => number;
  readonly faults: Faults;
  readonly truth: Truth;
  readonly viewers: Viewer[] = [];
  readonly sent: Sent[] = [];
  process: GatewayProcess | undefined;
  /** Whether the disk may be slow and fail. */
  isDiskBad = false;
  readonly #store = new MemoryStore();
  readonly #held = new Set<() => void>();
  #n = 0;

  constructor(seed: number) {
    this.random = randomFrom(seed);
    this.faults = new Faults(seed);
    this.truth = new Truth(this.faults);
    this.#store.fate = () => this.#commit();
    this.#store.onPage = () => this.#page();
    this.start();
    for (const [index, who] of ['ada', 'ben', 'cleo', 'dora'].entries()) this.join(who, index === 3);
  }

  get now(): number {
    return this.clock.now();
  }

  pick<Item>(items: readonly Item[]): Item {
    return items[Math.floor(this.random() * items.length)] as Item;
  }

  between(least: number, most: number): number {
    return least + this.random() * (most - least);
  }

  start(): void {
    const { clock, random } = this;
    this.process = new GatewayProcess({
      clock,
      random,
      store: this.#store,
      verify: (token) => ({ kind: 'identity', issuer: 'simulation', subject: token, scope: this.#scopeOf(token) }),
      onError: (text) => {
        if (!text.startsWith(diskWords)) this.faults.add('clean', 'the gateway', `found in its log: ${text}`);
      },
    });
  }

  /** Somebody comes to a page. */
  join(
    who: string,
    isSlow: boolean,
    scope: 'viewer' | 'operator' = this.random() < 0.5 ? 'viewer' : 'operator',
  ): Viewer {
    const fast = { latencyMs: Math.round(this.between(1, 40)), bytesPerMs: 5000, kernelBytes: 64 * 1024 };
    const slow = { latencyMs: Math.round(this.between(40, 150)), bytesPerMs: 20, kernelBytes: 32 * 1024 };
    const { clock, random, faults, truth } = this;
    const viewer = new Viewer({
      who,
      path: this.random() < 0.5 ? '' : 'dashboard/',
      clock,
      random,
      faults,
      truth,
      rights: new Rights(scope),
      conditions: isSlow ? slow : fast,
      accept: (target, headers, { conditions }, peer) => this.process?.accept(target, headers, conditions, peer),
    });
    this.viewers.push(viewer);
    viewer.connection.connect();
    return viewer;
  }

  /** The application publishes messages of these sizes to a stream, together. */
  async publish(channel: ChannelName, sizes: readonly number[]): Promise<void> {
    const items = sizes.map((size) => ({ data: this.#say('the application', size) }));
    const at = this.now;
    const published = await this.process?.gateway.publishBatch(channel, items);
    if (published === undefined) return;
    if (published.kind === 'failed')
      return this.faults.add('outcome', 'the application', `found ${channel}: ${published.message}`);
    const { epoch, offset } = published.position;
    for (const [index, { data }] of items.entries()) {
      const message = { offset: offset - items.length + 1 + index, at, n: data.n, key: undefined };
      this.truth.learn(channel, epoch, message, 'the application');
    }
  }

  /** The application sets a row of a table, or removes it. */
  async setRow(channel: TableName, key: string, size: number | undefined): Promise<void> {
    const data = size === undefined ? null : this.#say('the application', size);
    const at = this.now;
    const published = await this.process?.gateway.publish(channel, data, { key });
    if (published === undefined) return;
    if (published.kind === 'failed')
      return this.faults.add('outcome', 'the application', `found ${channel}: ${published.message}`);
    this.truth.learnRow(channel, published.position, { at, n: data?.n, key });
  }

  /** A person publishes once. */
  send(viewer: Viewer, channel: ChannelName, keepFor: number): void {
    const said = this.#say(viewer.who, 10);
    const sent: Sent = { n: said.n, by: viewer.who, channel, outcome: undefined };
    this.sent.push(sent);
    void viewer.publish(channel, said, keepFor).then((outcome) => (sent.outcome = outcome));
  }

  changeRights(viewer: Viewer, scope: 'viewer' | 'operator'): void {
    viewer.rights.change(scope, this.now);
    this.process?.gateway.rightsChanged({ subject: viewer.who, identity: { scope } });
  }

  /** `kill -9`, and what was being written is written or not. */
  async kill(): Promise<void> {
    this.process?.kill();
    this.process = undefined;
    this.truth.died(this.now);
    for (const release of [...this.#held]) release();
    await settled();
  }

  async restart(returnWindowMs: number): Promise<void> {
    const { process } = this;
    if (process === undefined) return;
    const stop = { isDone: false };
    void process.stop(returnWindowMs).then(() => (stop.isDone = true));
    for (let waited = 0; waited < 3000 && !stop.isDone; waited += 20) await this.pass(20);
    if (!stop.isDone) this.faults.add('clean', 'the gateway', 'found it running 3 s after it was to stop');
    await this.kill();
    this.start();
  }

  /** Lets time pass, one moment after the other, each until nothing more comes of it. */
  pass = async (ms: number): Promise<void> => {
    const until = this.clock.monotonic() + ms;
    await settled();
    let moments = 0;
    for (let { nextAt } = this.clock; nextAt <= until; { nextAt } = this.clock) {
      if (++moments > mostMoments + ms * 10) throw new Error(`found no end of what happens within ${ms} ms`);
      this.clock.advance(Math.max(0, nextAt - this.clock.monotonic()));
      await settled();
    }
    this.clock.advance(until - this.clock.monotonic());
  };

  wait(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const release = (): void => {
        cancel();
        this.#held.delete(release);
        resolve();
      };
      const cancel = this.clock.after(ms, release);
      this.#held.add(release);
    });
  }

  get channelNames(): readonly ChannelName[] {
    return channelNames;
  }

  #say(by: string, size: number): Said {
    return { n: ++this.#n, by, pad: 'x'.repeat(size) };
  }

  #scopeOf(who: string): 'viewer' | 'operator' {
    return this.viewers.find((viewer) => viewer.who === who)?.rights.scope ?? 'viewer';
  }

  async #commit(): Promise<CommitFate> {
    const { process } = this;
    await this.wait(Math.round(this.isDiskBad ? this.between(0, 900) : this.between(0, 10)));
    if (process !== this.process) return this.pick(['unknown-written', 'unknown-lost'] as const);
    if (!this.isDiskBad || this.random() < 0.5) return 'written';
    return this.pick(['nothing-written', 'unknown-written', 'unknown-lost'] as const);
  }

  async #page(): Promise<void> {
    await this.wait(Math.round(this.between(0, 20)));
    if (this.isDiskBad && this.random() < 0.3) throw new Error('the disk is away');
  }
}

/** Resolves when promises and streams that wait for nothing but each other are through. */
async function settled(): Promise<void> {
  await new Promise((resolve) => setImmediate(resolve));
}

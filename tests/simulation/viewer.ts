// One person at a page: the shipped client over a socket in memory, what it listens to, and the ways in which its line
// and its machine fail it. What a page is told goes to views that hold it against what was published.

import type { Connection, PublishOutcome, Subscription } from '@telltale/client';
import type { Since } from '@telltale/protocol';
import * as attendant from '../../packages/client/src/attendant.ts';
import { createConnectionIn } from '../../packages/client/src/connection.ts';
import type { Environment } from '../../packages/client/src/environment.ts';
import type { ManualClock } from '../../packages/gateway/src/testing/manual-clock.ts';
import type { ChannelName } from './channels.ts';
import { HeldView, type HeldWorld } from './held-view.ts';
import type { Line, LineConditions, LineEnd } from './line.ts';
import { type Dial, PeerSocket } from './peer-socket.ts';
import type { Rights } from './rights.ts';
import { WireView } from './wire-view.ts';

export interface ViewerOptions extends Omit<HeldWorld, 'now'> {
  readonly path: string;
  readonly clock: ManualClock;
  readonly random: () => number;
  readonly rights: Rights;
  readonly conditions: LineConditions;
  readonly accept: (target: string, headers: readonly string[], viewer: Viewer, peer: LineEnd) => Line | undefined;
}

export interface Listening {
  readonly view: HeldView;
  readonly subscription: Subscription;
  readonly since: number;
}

export class Viewer {
  readonly who: string;
  readonly rights: Rights;
  readonly conditions: LineConditions;
  readonly connection: Connection;
  readonly listening: Map<ChannelName, Listening> = new Map();
  readonly #options: ViewerOptions;
  readonly #world: HeldWorld;
  /** Timers that came due while the machine stood still. */
  readonly #late: { run: () => void }[] = [];
  #line: Line | undefined;
  #isFrozen = false;
  #ids = 0;
  #isDark = false;
  #movingSince = 0;
  /** When its line or its machine failed it last, or came back. */
  #disturbedAt = 0;

  constructor(options: ViewerOptions) {
    const { who, path, clock, rights, conditions, faults } = options;
    this.who = who;
    this.rights = rights;
    this.conditions = conditions;
    this.#options = options;
    this.#world = { ...options, now: () => clock.now() };
    const tap = new WireView({ ...this.#world, rights });
    const dial: Dial = (target, headers, peer) => this.#dial(target, headers, peer);
    class Socket extends PeerSocket {
      constructor(url: string, protocols: string[] = []) {
        super(url, protocols, dial, tap);
      }
    }
    const warn = (text: string): void => {
      if (text.startsWith('unexpected frame: found a jump')) faults.add('no-loss', who, text);
      if (/expected a frame of protocol|in a frame of type/.test(text)) faults.add('content', who, text);
    };
    this.connection = createConnectionIn(
      {
        url: `ws://localhost/ws/${path}`,
        token: () => who,
        WebSocket: Socket,
        // Nobody answers by HTTP here.
        fetch: () => Promise.reject(new TypeError('no HTTP in the simulation')),
        logger: { debug() {}, info() {}, warn },
      },
      this.#environment(),
    );
  }

  get isFrozen(): boolean {
    return this.#isFrozen;
  }

  /** For how long line, machine and session have been as they should. */
  wellForMs(now: number): number {
    const { state } = this.connection;
    if (this.#isDark || this.#isFrozen || state.kind !== 'open') return 0;
    return now - Math.max(this.#disturbedAt, state.since);
  }

  /** For how long its machine has been moving. */
  movingForMs(now: number): number {
    return this.#isFrozen ? 0 : now - this.#movingSince;
  }

  listen(channel: ChannelName, since?: Since): void {
    if (this.listening.has(channel)) return;
    const { clock } = this.#options;
    const view = new HeldView(channel, this.#world);
    const options = since === undefined ? {} : { since };
    const subscription = this.connection.subscribe(channel, (event) => view.take(event as never), options);
    view.of(subscription);
    this.listening.set(channel, { view, subscription, since: clock.now() });
  }

  leave(channel: ChannelName): void {
    this.listening.get(channel)?.subscription.close();
    this.listening.delete(channel);
  }

  publish(channel: string, data: unknown, keepFor: number): Promise<PublishOutcome> {
    return this.connection.publish(channel, data, { keepFor });
  }

  /** Breaks the line; both sides learn of it. */
  cut(): void {
    this.#line?.cut();
  }

  /** Nothing passes any more on the line there is, and nobody is told. */
  lose(): void {
    this.#isDark = true;
    if (this.#line !== undefined) this.#line.isDark = true;
  }

  /** The network moves again. */
  light(): void {
    if (this.#line !== undefined) this.#line.isDark = false;
    this.#isDark = false;
    this.#disturbed();
  }

  /** The machine stands still: it reads nothing and its timers wait. */
  freeze(): void {
    this.#isFrozen = true;
    if (this.#line !== undefined) this.#line.isRead = false;
  }

  thaw(): void {
    if (!this.#isFrozen) return;
    this.#isFrozen = false;
    this.#movingSince = this.#options.clock.now();
    this.#disturbed();
    for (const { run } of this.#late.splice(0)) run();
    if (this.#line !== undefined) this.#line.isRead = true;
  }

  #dial(target: string, headers: readonly string[], peer: LineEnd): Line | undefined {
    this.#line = this.#options.accept(target, headers, this, peer);
    // A new line is as good as lines are; what befell the old one is over with it.
    this.#isDark = false;
    this.#disturbed();
    return this.#line;
  }

  #disturbed(): void {
    this.#disturbedAt = this.#options.clock.now();
  }

  #environment(): Environment {
    const { clock, random, who } = this.#options;
    return {
      now: () => clock.now(),
      random,
      randomId: () => `${who}-${String(this.#ids++)}`.padEnd(22, '_'),
      after: (ms, run) => {
        const timer = { run };
        const cancel = clock.after(ms, () => {
          if (this.#isFrozen) this.#late.push(timer);
          else run();
        });
        return () => {
          cancel();
          const index = this.#late.indexOf(timer);
          if (index >= 0) this.#late.splice(index, 1);
        };
      },
      isOnline: () => true,
      isHidden: () => false,
      load: () => Promise.resolve(attendant),
      watch: () => () => {},
    };
  }
}

// What attends a connection without being needed to connect: the outbox, the watch over the line and the page, renewal
// of the token, the question why, and words for people. A chunk of its own, fetched while the line is being opened,
// since a hub that has gone away serves nothing. It advises; the connection decides.

import type { ErrorFrame, PongFrame, ResultFrame } from '@telltale/protocol';
import { askFrame, call } from './ask.ts';
import { causeOf } from './cause.ts';
import { createClock, type ServerClock } from './clock.ts';
import type { DiagnoseOptions, Diagnosis } from './diagnose/types.ts';
import type { Environment, Signal } from './environment.ts';
import { createInquiry } from './inquiry.ts';
import { createLiveness, type Liveness } from './liveness.ts';
import { createOutbox, type Outbox, type OutboxWorld } from './outbox.ts';
import { createRenewal } from './renewal.ts';
import type { OnAnswer } from './requests.ts';
import { decide, type Decision, type End, type RetryFacts } from './retry.ts';
import type { Session } from './session.ts';
import type { TokenSource } from './token.ts';
import type { Cause, ConnectionOptions, ConnectionState, RequestFrame } from './types.ts';
import { watchPage } from './watch-page.ts';
import { inWords } from './words.ts';

export interface Attendant {
  readonly outbox: Outbox;
  readonly clock: ServerClock;
  /** Asks for something now; rejects with a `CallError`. */
  call(method: string, params: unknown): Promise<unknown>;
  /** Sends a request; undefined: no line, or it broke before the answer. */
  ask(frame: RequestFrame): Promise<ResultFrame | ErrorFrame | undefined>;
  /** Finds out why it does not connect; rejects only where its part could not be loaded. */
  diagnose(options: DiagnoseOptions | undefined): Promise<Diagnosis>;
  /** Watches the page from now on, and over the session if there is one. */
  attend(session: Session | undefined): void;
  /** Something arrived. */
  heard(): void;
  /** What arrived answers a ping. */
  pong(frame: PongFrame): void;
  /** The session, if there was one, is over. */
  lost(): void;
  /** The connection is closed: the page need not be watched. */
  leave(): void;
  /** Finds better words for a cause, and after the second silent end in a row what the gateway says of it. */
  explain(end: End, cause: Cause): Promise<void>;
}

export interface AttendantWorld extends OutboxWorld {
  readonly environment: Environment;
  readonly options: ConnectionOptions;
  readonly tokens: TokenSource;
  state(): ConnectionState;
  setState(state: ConnectionState): void;
  facts(): RetryFacts;
  finish(end: End, decision: Decision): void;
  /** The session is renewed with this token from now on. */
  onToken(token: string): void;
  /** Nothing comes any more: since when, as words for people. */
  onSilent(reason: string): void;
  /** The network is gone. */
  onOffline(): void;
  /** There is no line, and it may be worth a try. */
  onWake(): void;
}

/** How long a session has lasted before what examines it is fetched. */
const fetchAheadMs = 20_000;

/** A chunk of its own: few need it, and who does has a line that is away. */
const examiner = () => import('./diagnose/index.ts');

export function createAttendant(world: AttendantWorld): Attendant {
  const { environment, options, tokens, logger, facts } = world;
  const { now } = environment;
  const outbox = createOutbox(world);
  const clock = createClock(now);
  const inquiry = createInquiry(options, environment);
  const renewal = createRenewal(environment, clock, tokens, authenticate, logger);
  let liveness: Liveness | undefined;
  let unwatch: (() => void) | undefined;
  let diagnosing: Promise<Diagnosis> | undefined;
  let cancelFetch = () => {};

  function authenticate(token: string, onAnswer: OnAnswer): void {
    world.onToken(token);
    world.send({ type: 'authenticate', id: world.requests.add(onAnswer), token });
  }
  const ping = () => world.send({ type: 'ping', at: now() });
  const onSilent = (silenceMs: number) => world.onSilent(`silent for ${Math.round(silenceMs / 1000)} s`);

  // The next attempt may have begun already; then it shows the better words.
  function show(better: Cause): void {
    const state = world.state();
    if ('cause' in state && state.cause?.attempt === better.attempt) {
      world.setState({ ...state, cause: { ...better, next: state.cause.next } });
    }
  }

  function onSignal(signal: Signal): void {
    const { kind } = world.state();
    if (signal === 'offline') {
      if (kind !== 'offline') world.onOffline();
    } else if (kind === 'open') {
      liveness?.wake();
      renewal.wake();
    } else world.onWake();
  }

  return {
    outbox,
    clock,
    call: (method, params) => call(world, method, params),
    ask: (frame) => askFrame(world, frame),
    diagnose(given) {
      diagnosing ??= examiner()
        .then(({ examine }) => examine({ ...world, clockAheadMs: () => clock.roundTripMs && clock.offsetMs }, given))
        .finally(() => (diagnosing = undefined));
      return diagnosing;
    },
    attend(session) {
      unwatch ??= (environment.watch ?? watchPage)(onSignal);
      if (session === undefined) return;
      inquiry.admitted();
      // Fetched while there is somebody to fetch it from, once the page has its own; what fails is tried again when needed.
      cancelFetch();
      cancelFetch = environment.after(fetchAheadMs, () => void examiner().catch(() => {}));
      clock.begin(session.aheadMs);
      liveness = createLiveness(environment, session.heartbeatMs, ping, onSilent);
      outbox.welcome(session.identity.id, session.limits);
      renewal.expiresAt(session.expiresAt);
    },
    heard() {
      liveness?.heard();
    },
    pong(frame) {
      clock.pong(frame);
      liveness?.answered(frame.at);
    },
    lost() {
      cancelFetch();
      liveness?.stop();
      liveness = undefined;
      renewal.expiresAt(undefined);
      outbox.lost();
    },
    leave() {
      unwatch?.();
      unwatch = undefined;
    },
    async explain(end, cause) {
      const { known, ask } = inquiry.about(end);
      // Before asking: a server that has stopped lets the question wait as well.
      show(inWords(known, causeOf(known, cause.next)));
      if (ask === undefined) return;
      const found = await ask();
      const decision = decide(found, facts());
      const better = inWords(found, causeOf(found, decision.next));
      logger.info('the gateway says why', better);
      const state = world.state();
      const isWaiting = state.kind === 'waiting' && state.attempt === end.attempt;
      if (isWaiting && (decision.next !== 'retry' || decision.isSlot)) {
        world.finish({ ...found, reason: better.reason, hint: better.hint }, decision);
      } else show(better);
    },
  };
}

// The HTTP edge of the gateway: takes what is under its prefix from a node:http server, lets admission decide on plain
// values, and answers with a session's WebSocket or a refusal. The only place that knows node:http and ws. Called by
// gateway.ts; hands admitted sockets up through `accept`.

import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Server as TlsServer } from 'node:https';
import type { Duplex } from 'node:stream';
import { closeText } from '@telltale/protocol';
import { explainEnd } from '@telltale/protocol/explain';
import { type Admission, type Admitted, admit, beginAttempt, type Begun } from '../admission/admit.ts';
import type { AttemptEnd } from '../admission/attempts.ts';
import { chosenSubprotocol, handshakeFault, offeredSubprotocols } from '../admission/form.ts';
import { logFailure } from '../admission/hook-failure.ts';
import { type AdmissionPolicy, isTrustedOrigin } from '../admission/policy.ts';
import { makeRefusal, publicRefusal } from '../admission/refusal.ts';
import { headerOf, type UpgradeRequest } from '../admission/request.ts';
import { stepsOf } from '../admission/steps.ts';
import type { Attempt, Decision, GatewayEvent, Refusal } from '../types.ts';
import { explainedRefusal, httpBytes, httpRefusal } from './answer.ts';
import { attach } from './attach.ts';
import { createAttemptLog } from './attempt-log.ts';
import { createFirstBytes } from './first-bytes.ts';
import { createPlainHandler } from './handle-plain.ts';
import { readRequest } from './plain-request.ts';
import type { ToldSocket } from './told-socket.ts';
import { createUnreadRequests } from './unread-requests.ts';
import { createWebSockets } from './web-sockets.ts';

/** An admitted attempt, with its socket upgraded and nothing read from it yet. */
export interface AcceptedSocket {
  readonly ws: ToldSocket;
  readonly socket: Duplex;
  readonly admission: Admitted;
  readonly attempt: Attempt;
  readonly decision: Decision;
}

export interface UpgradeOptions {
  readonly policy: AdmissionPolicy;
  /** Whether there is a channel of which frames are compressed; without one nothing is negotiated. */
  readonly compresses: boolean;
  readonly onEvent: (event: GatewayEvent) => void;
  /** Begins the session. An exception in it is logged and closes the socket 4000. */
  readonly accept: (accepted: AcceptedSocket) => void;
}

export interface Upgrade {
  /** Takes upgrades and plain requests under the prefix; all others go on to the application's own listeners. */
  attach(server: Server | TlsServer): void;
  /** Answers a plain request if its path is under the prefix; false: it is not ours. */
  handlePlainRequest(request: IncomingMessage, response: ServerResponse): boolean;
  /** Lets go of the servers and destroys what is still being refused or decided. Sessions are not touched. */
  stop(): void;
}

/** How long a refused peer has to read why. */
const lingerMs = 2_000;

/** How an attempt ends that failed inside. */
const failed: AttemptEnd = { code: 4000, name: 'server-error', reason: explainEnd('server-error').reason };

type Refused = Extract<Admission, { kind: 'refused' }>;

export function createUpgrade({ policy, compresses, onEvent, accept }: UpgradeOptions): Upgrade {
  const { log, clock, router } = policy;
  const attemptLog = createAttemptLog(log, clock);
  const firstBytes = createFirstBytes();
  const pending = new Set<Duplex>();
  const detachers: (() => void)[] = [];
  const completeUpgrade = createWebSockets({ maxFrameBytes: policy.maxFrameBytes, compresses });

  function forgetThis(this: Duplex): void {
    pending.delete(this);
  }

  const handlePlain = createPlainHandler({ policy, attemptLog, tell });
  const handleUnread = createUnreadRequests({ policy, firstBytes, attemptLog, tell, finish, fail });

  function handlePlainRequest(message: IncomingMessage, response: ServerResponse): boolean {
    if (!router.claims(message.url ?? '')) return false;
    handlePlain(message, response);
    return true;
  }

  function handleUpgrade(message: IncomingMessage, socket: Duplex, head: Buffer): void {
    decideUpgrade(message, socket, head).catch((error: unknown) => fail('an upgrade failed', socket, error));
  }

  /** A stranger's request ends itself at the most. */
  function fail(what: string, socket: Duplex, error: unknown): void {
    logFailure(log, what, error);
    socket.destroy();
  }

  async function decideUpgrade(message: IncomingMessage, socket: Duplex, head: Buffer): Promise<void> {
    // Before anything else: without a listener a peer that resets now would end the process.
    socket.on('error', destroyThis);
    pending.add(socket);
    socket.on('close', forgetThis);
    const begun = beginAttempt(readRequest(message, policy), policy);
    tell({ type: 'attempt', attempt: begun.attempt });

    const admission = await decideInTime(begun);
    pending.delete(socket);
    socket.off('close', forgetThis);
    const decided = (outcome: Admission): Decision => ({
      steps: stepsOf(begun, outcome),
      decidedMs: Math.round((clock.monotonic() - begun.beganAt) * 10) / 10,
    });
    if (admission.kind === 'admitted' && policy.isStopping()) {
      // Decided while the sessions were being told: one that began now would not be (STP3).
      admission.hold.release();
      const refusal = makeRefusal(begun.attempt, { name: 'stopping' }, policy);
      const late: Refused = { kind: 'refused', refusal, user: admission.identity.subject };
      refuse(socket, begun, late, decided(late));
    } else if (admission.kind === 'refused') refuse(socket, begun, admission, decided(admission));
    else if (socket.destroyed || !socket.writable) left(begun, admission, decided(admission));
    else complete(message, socket, head, begun, admission, decided(admission));
  }

  /** Admitted, and nobody is there any more to be told. */
  function left({ attempt }: Begun, { hold, identity }: Admitted, decision: Decision): void {
    hold.release();
    const { subject: user, kind } = identity;
    const reason = `its peer left before it was admitted, which took ${decision.decidedMs} ms`;
    policy.attempts.ended(attempt.attempt, { code: 1006, name: 'closed', reason });
    attemptLog.left(attempt, user, decision);
    tell({ type: 'left', attempt, user, kind, reason, decision });
  }

  /** Node's own time-outs end with the upgrade; what an application's hook or key server takes is bounded here (ADM11). */
  function decideInTime(begun: Begun): Promise<Admission> {
    const refusal = (name: 'deadline-passed' | 'admission-failed'): Admission => {
      const found = { seconds: policy.admissionMs / 1_000 };
      return { kind: 'refused', refusal: makeRefusal(begun.attempt, { name, found }, policy), user: undefined };
    };
    const decision = admit(begun, policy).catch((error: unknown) => {
      logFailure(log, 'admission failed', error, { attempt: begun.attempt.attempt });
      return refusal('admission-failed');
    });
    return new Promise((resolve) => {
      let isLate = false;
      const cancel = clock.after(policy.admissionMs, () => {
        isLate = true;
        resolve(refusal('deadline-passed'));
      });
      void decision.then((admission) => {
        cancel();
        if (isLate && admission.kind === 'admitted') admission.hold.release();
        resolve(admission);
      });
    });
  }

  function complete(
    message: IncomingMessage,
    socket: Duplex,
    head: Buffer,
    begun: Begun,
    admission: Admitted,
    decision: Decision,
  ): void {
    const { attempt } = begun;
    const leave = (): void => left(begun, admission, decision);
    socket.once('close', leave);
    // What is said at once leaves with the answer to the handshake, in one write.
    socket.cork();
    completeUpgrade(message, socket, head, (ws) => {
      socket.off('close', leave);
      // `ws` hears errors from here on.
      socket.off('error', destroyThis);
      ws.hold = admission.hold;
      policy.attempts.admitted(attempt.attempt);
      attemptLog.admitted(attempt, admission.identity.subject, admission.warning);
      try {
        accept({ ws, socket, admission, attempt, decision });
      } catch (error) {
        logFailure(log, 'a session could not begin', error, { attempt: attempt.attempt });
        policy.attempts.ended(attempt.attempt, failed);
        ws.on('error', () => ws.terminate());
        ws.close(4000, closeText('server-error', failed.reason));
        clock.after(lingerMs, () => ws.terminate());
      }
    });
    socket.uncork();
  }

  function refuse(socket: Duplex, begun: Begun, { refusal, user }: Refused, decision: Decision): void {
    const { attempt } = begun;
    policy.attempts.refused(attempt.attempt, publicRefusal(refusal, false));
    attemptLog.refused(attempt, user, refusal);
    const isThere = !socket.destroyed && socket.writable;
    const told = isThere ? tellPeer(socket, begun, refusal) : undefined;
    tell({ type: 'refused', attempt, refusal, user, decision, told });
  }

  /** Writes the refusal in the form its peer can read. */
  function tellPeer(socket: Duplex, { request, attempt }: Begun, refusal: Refusal): 'frame' | 'http' {
    const origin = headerOf(request, 'origin');
    const isCoarse = policy.mode === 'production' && !isTrustedOrigin(policy, origin);
    const answer = publicRefusal(refusal, isCoarse);
    if (origin === undefined || handshakeFault(request)) {
      finish(socket, httpBytes(httpRefusal(answer), request.method !== 'HEAD'));
      return 'http';
    }
    const permission = policy.rates.explain(request.address);
    if (!permission) {
      const limit = policy.limits.explainedRefusals;
      const over = makeRefusal(attempt, { name: 'too-many-attempts', found: { limit } }, policy);
      finish(socket, httpBytes(httpRefusal(publicRefusal({ ...over, retryAfterMs: 10_000 }, isCoarse), 429)));
      return 'http';
    }
    socket.once('close', () => permission.release());
    finish(socket, explainedRefusal(answer, headerOf(request, 'sec-websocket-key') as string, subprotocolFor(request)));
    return 'frame';
  }

  /** Writes the last bytes a peer gets. It is never read again, and gone when it had time to read them. */
  function finish(socket: Duplex, bytes: Buffer): void {
    pending.add(socket);
    socket.once('close', () => pending.delete(socket));
    socket.end(bytes);
    socket.once(
      'close',
      clock.after(lingerMs, () => socket.destroy()),
    );
  }

  /** An exception in the application's listener is its own affair. */
  function tell(event: GatewayEvent): void {
    try {
      onEvent(event);
    } catch (error) {
      logFailure(log, 'onEvent failed', error);
    }
  }

  const attachParts = {
    router,
    firstBytes,
    handlePlain: handlePlainRequest,
    handleUpgrade,
    handleUnread,
  };
  return {
    attach: (server) => void detachers.push(attach(server, attachParts)),
    handlePlainRequest,
    stop() {
      for (const detach of detachers.splice(0)) detach();
      for (const socket of pending) socket.destroy();
      attemptLog.stop();
    },
  };
}

function subprotocolFor(request: UpgradeRequest): string | undefined {
  return chosenSubprotocol(offeredSubprotocols(request));
}

// Closures of one scope keep everything that any of them uses: here that would be the request, as long as its session.

function destroyThis(this: Duplex): void {
  this.destroy();
}

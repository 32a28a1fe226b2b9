// The HTTP edge of the gateway: takes what is under its prefix from a node:http server, lets admission decide on plain
// values, and answers with a session's WebSocket or a refusal. The only place that knows node:http and ws. Called by
// gateway.ts; hands admitted sockets up through `accept`.

import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Server as TlsServer } from 'node:https';
import type { Duplex } from 'node:stream';
import { closeText } from '@telltale/protocol';
import { explainEnd } from '@telltale/protocol/explain';
import { type WebSocket, WebSocketServer } from 'ws';
import { type Admission, type Admitted, admit, beginAttempt, type Begun } from '../admission/admit.ts';
import { chosenSubprotocol, handshakeFault, offeredSubprotocols } from '../admission/form.ts';
import { logFailure } from '../admission/hook-failure.ts';
import { type AdmissionPolicy, isTrustedOrigin } from '../admission/policy.ts';
import { makeRefusal, publicRefusal } from '../admission/refusal.ts';
import { headerOf, shownPath, type UpgradeRequest } from '../admission/request.ts';
import type { Attempt, GatewayEvent, Refusal } from '../types.ts';
import { explainedRefusal, httpBytes, httpRefusal, jsonAnswer } from './answer.ts';
import { answerPlainRequest, readRequest, send } from './plain-request.ts';

/** An admitted attempt, with its socket upgraded and nothing read from it yet. */
export interface AcceptedSocket {
  readonly ws: WebSocket;
  readonly socket: Duplex;
  readonly admission: Admitted;
  readonly attempt: Attempt;
}

export interface UpgradeOptions {
  readonly policy: AdmissionPolicy;
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

/** The listeners of all gateways of this process, which leave foreign paths to others. */
const foreignHandlers = new WeakSet<object>();

/** How long a refused peer has to read why. */
const lingerMs = 2_000;

export function createUpgrade({ policy, onEvent, accept }: UpgradeOptions): Upgrade {
  const { log, clock, router } = policy;
  const pending = new Set<Duplex>();
  const detachers: (() => void)[] = [];
  const sockets = new WebSocketServer({
    noServer: true,
    clientTracking: false,
    maxPayload: policy.maxFrameBytes,
    maxFragments: 64,
    maxBufferedChunks: 1_024,
    // Missing in @types/ws 8.18, hence the spread.
    ...{ maxPendingAutoPongs: 10 },
    perMessageDeflate: false,
    handleProtocols: (offered) => chosenSubprotocol(offered) ?? false,
  });

  function attach(server: Server | TlsServer): void {
    // An Express app has `listen` and `emit` too, and would be attached to without an effect or a word.
    if (typeof (server as Partial<Server> | undefined)?.address !== 'function') {
      throw new TypeError(
        "attach: found no server of node:http, expected what createServer(app) or Express's app.listen() returns, or Fastify's app.server",
      );
    }
    // Taken at `emit`, not by a listener: a listener cannot keep the application's own ones, added before or after,
    // from answering too, and those of other WebSocket libraries destroy sockets whose path they do not know.
    let isAttached = true;
    const emit = server.emit.bind(server) as (event: string, ...values: unknown[]) => boolean;
    const own = (event: string, ...values: unknown[]): boolean => {
      const [message, second, head] = values as [IncomingMessage, unknown, Buffer];
      if (isAttached && event === 'request' && handlePlainRequest(message, second as ServerResponse)) return true;
      if (isAttached && event === 'upgrade' && router.claims(message.url ?? '')) {
        const socket = second as Duplex;
        handleUpgrade(message, socket, head).catch((error: unknown) => {
          logFailure(log, 'an upgrade failed', error);
          socket.destroy();
        });
        return true;
      }
      return emit(event, ...values);
    };
    server.emit = own as typeof server.emit;
    // node:http raises 'upgrade' only where somebody listens; where only gateways do, the first answers foreign paths.
    const handleForeign = (message: IncomingMessage, socket: Duplex): void => {
      const listeners = server.listeners('upgrade');
      if (listeners[0] !== handleForeign || !listeners.every((listener) => foreignHandlers.has(listener))) return;
      socket.on('error', () => socket.destroy());
      const answer = jsonAnswer(404, { error: `nothing is upgraded at this path, expected one of ${router.paths}` });
      finish(socket, httpBytes(answer, message.method !== 'HEAD'));
    };
    foreignHandlers.add(handleForeign);
    server.on('upgrade', handleForeign);
    detachers.push(() => {
      isAttached = false;
      server.off('upgrade', handleForeign);
      if (server.emit === own) server.emit = emit as typeof server.emit;
    });
  }

  function handlePlainRequest(message: IncomingMessage, response: ServerResponse): boolean {
    if (!router.claims(message.url ?? '')) return false;
    const request = readRequest(message, policy);
    const answer = answerPlainRequest(request, policy);
    if (answer.status === 426 && request.headers.has('sec-websocket-key')) {
      log.warn(
        { address: request.address, path: shownPath(request.target) },
        'A WebSocket handshake arrived as a plain request: a proxy between removes Upgrade and Connection; let it pass both',
      );
    }
    send(message, response, answer);
    return true;
  }

  async function handleUpgrade(message: IncomingMessage, socket: Duplex, head: Buffer): Promise<void> {
    // Before anything else: without a listener a peer that resets now would end the process.
    socket.on('error', () => socket.destroy());
    pending.add(socket);
    socket.once('close', () => pending.delete(socket));
    const begun = beginAttempt(readRequest(message, policy), policy);
    tell({ type: 'attempt', attempt: begun.attempt });

    const admission = await decideInTime(begun);
    pending.delete(socket);
    if (socket.destroyed || !socket.writable) {
      if (admission.kind === 'admitted') admission.hold.release();
      log.debug({ attempt: begun.attempt.attempt }, `${label(begun.attempt)} Connection attempt given up by its peer`);
      return;
    }
    if (admission.kind === 'admitted' && policy.isStopping()) {
      // Decided while the sessions were being told: one that began now would not be (STP3).
      admission.hold.release();
      refuse(socket, begun, makeRefusal(begun.attempt, { name: 'stopping' }), admission.identity.subject);
    } else if (admission.kind === 'admitted') complete(message, socket, head, begun, admission);
    else refuse(socket, begun, admission.refusal, admission.user);
  }

  /** Node's own time-outs end with the upgrade; what an application's hook or key server takes is bounded here (ADM11). */
  function decideInTime(begun: Begun): Promise<Admission> {
    const refusal = (name: 'deadline-passed' | 'admission-failed'): Admission => {
      const found = { seconds: policy.admissionMs / 1_000 };
      return { kind: 'refused', refusal: makeRefusal(begun.attempt, { name, found }), user: undefined };
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

  function complete(message: IncomingMessage, socket: Duplex, head: Buffer, begun: Begun, admission: Admitted): void {
    const { attempt } = begun;
    socket.once('close', () => admission.hold.release());
    sockets.handleUpgrade(message, socket, head, (ws) => {
      policy.attempts.admitted(attempt.attempt);
      const { subject: user } = admission.identity;
      log.info({ ...facts(attempt), user }, `${label(attempt)} Connection attempt from user ${user}: admitted`);
      if (admission.warning !== undefined)
        log.warn({ attempt: attempt.attempt, user }, `${label(attempt)} ${admission.warning}`);
      try {
        accept({ ws, socket, admission, attempt });
      } catch (error) {
        logFailure(log, 'a session could not begin', error, { attempt: attempt.attempt });
        ws.on('error', () => ws.terminate());
        ws.close(4000, closeText('server-error', explainEnd('server-error').reason));
        clock.after(lingerMs, () => ws.terminate());
      }
    });
  }

  function refuse(socket: Duplex, begun: Begun, refusal: Refusal, user: string | undefined): void {
    const { request, attempt } = begun;
    policy.attempts.refused(attempt.attempt, publicRefusal(refusal, false));
    const { code, name, stage, reason, detail, setting } = refusal;
    log.info(
      { ...facts(attempt), user, code, name, stage, detail, setting },
      `${label(attempt)} Connection attempt from user ${user ?? 'unknown'}: refused ${code} ${name}: ${reason}`,
    );
    tell({ type: 'refused', attempt, refusal, user });

    const origin = headerOf(request, 'origin');
    const isCoarse = policy.mode === 'production' && !isTrustedOrigin(policy, origin);
    const answer = publicRefusal(refusal, isCoarse);
    if (origin === undefined || handshakeFault(request))
      return finish(socket, httpBytes(httpRefusal(answer), request.method !== 'HEAD'));
    const permission = policy.rates.explain(request.address);
    if (!permission) {
      const over = makeRefusal(attempt, {
        name: 'too-many-attempts',
        found: { limit: policy.limits.explainedRefusals },
      });
      return finish(socket, httpBytes(httpRefusal(publicRefusal({ ...over, retryAfterMs: 10_000 }, isCoarse), 429)));
    }
    socket.once('close', () => permission.release());
    finish(socket, explainedRefusal(answer, headerOf(request, 'sec-websocket-key') as string, subprotocolFor(request)));
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

  return {
    attach,
    handlePlainRequest,
    stop() {
      for (const detach of detachers.splice(0)) detach();
      for (const socket of pending) socket.destroy();
    },
  };
}

function subprotocolFor(request: UpgradeRequest): string | undefined {
  return chosenSubprotocol(offeredSubprotocols(request));
}

const label = ({ title }: Attempt): string => `[${title ?? 'Unknown'}]`;

const facts = ({ attempt, address, origin, path }: Attempt): object => ({ attempt, address, origin, path });

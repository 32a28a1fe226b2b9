// Requests that node:http ends before anybody is asked: headers without an end, bytes that are no HTTP, TLS at a plain
// port, a request that stops in the middle. An attempt that dies there is one like others: it has an id and is recorded,
// with as much as its first bytes say (ADM15). Called by attach.ts.

import { maxHeaderSize, type Server } from 'node:http';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { beginAttempt, type Begun } from '../admission/admit.ts';
import { type Fault, tooLarge } from '../admission/form.ts';
import { type AdmissionPolicy, isTrustedOrigin } from '../admission/policy.ts';
import { makeRefusal, publicRefusal } from '../admission/refusal.ts';
import { headerOf } from '../admission/request.ts';
import { stepsOf } from '../admission/steps.ts';
import type { GatewayEvent } from '../types.ts';
import { httpBytes, httpRefusal } from './answer.ts';
import type { AttemptLog } from './attempt-log.ts';
import type { FirstBytes } from './first-bytes.ts';
import { readHead, type RequestHead } from './request-head.ts';

/** What node:http says of such an end. */
export interface ParserError extends Error {
  readonly code?: string;
  /** The parser's own words. */
  readonly reason?: string;
  /** The piece at which it ended. */
  readonly rawPacket?: Buffer;
}

export interface UnreadRequest {
  readonly server: Server;
  readonly error: ParserError;
  readonly socket: Duplex;
}

export interface UnreadRequestParts {
  readonly policy: AdmissionPolicy;
  readonly firstBytes: FirstBytes;
  readonly attemptLog: AttemptLog;
  readonly tell: (event: GatewayEvent) => void;
  /** Writes the last bytes a peer gets. */
  readonly finish: (socket: Duplex, bytes: Buffer) => void;
  /** Ends a socket for which something failed here. */
  readonly fail: (what: string, socket: Duplex, error: unknown) => void;
}

const nothing = Buffer.alloc(0);

/** How a request stops in the middle: node:http's time-out, an end, a reset. */
const unfinished: Readonly<Record<string, string>> = {
  ERR_HTTP_REQUEST_TIMEOUT: 'in time',
  HPE_INVALID_EOF_STATE: 'when its peer left',
  ECONNRESET: 'when its peer left',
};

/**
 * Makes what is told of each such end before the application's listeners, `others`, are. An attempt under the prefix is
 * answered here; one whose path cannot be read by them, if there are any. Answers whether somebody did.
 */
export function createUnreadRequests({
  policy,
  firstBytes,
  attemptLog,
  tell,
  finish,
  fail,
}: UnreadRequestParts): (request: UnreadRequest, others: () => boolean) => boolean {
  /** Who answers a socket, of which node:http tells again with every further piece. */
  const answeredBy = new WeakMap<Duplex, 'us' | 'others'>();

  const refuse = (begun: Begun, fault: Fault, isAnswered: () => boolean, socket: Duplex): void => {
    const { attempt, request } = begun;
    tell({ type: 'attempt', attempt });
    const refusal = makeRefusal(attempt, fault, policy);
    policy.attempts.refused(attempt.attempt, publicRefusal(refusal, false));
    attemptLog.refused(attempt, undefined, refusal);
    const isThere = !socket.destroyed && socket.writable;
    if (!isAnswered()) {
      answeredBy.set(socket, 'us');
      const isCoarse = policy.mode === 'production' && !isTrustedOrigin(policy, headerOf(request, 'origin'));
      if (isThere) finish(socket, httpBytes(httpRefusal(publicRefusal(refusal, isCoarse))));
      else socket.destroy();
    }
    const decision = { steps: stepsOf(begun, { kind: 'refused', refusal, user: undefined }), decidedMs: 0 };
    tell({ type: 'refused', attempt, refusal, user: undefined, decision, told: isThere ? 'http' : undefined });
  };

  return (ended, others) => {
    const { socket, error } = ended;
    const by = answeredBy.get(socket);
    if (by !== undefined) return by === 'us' || others();
    const { rawPacket: piece = nothing } = error;
    answeredBy.set(socket, 'others');
    const bytes = firstBytes.of(socket, piece);
    // Behind its first request, whose answer may be under way, a connection is the application's; one that has said
    // nothing has tried nothing.
    if (bytes === undefined || bytes.length === 0) return others();
    const head = readHead(bytes);
    const isOurs = head !== undefined && isAttempt(head.target, policy);
    const isUnknown = head === undefined;
    const fault = isOurs || isUnknown ? faultOf(ended, bytes, head) : undefined;
    if (fault === undefined) return others();
    try {
      refuse(begin(head, socket, policy), fault, () => isUnknown && others(), socket);
    } catch (thrown) {
      fail('a request that was ended unread could not be refused', socket, thrown);
    }
    return true;
  };
}

/** Whether a target is one that attempts are made at; what became of one is asked beside them. */
function isAttempt(target: string, { router }: AdmissionPolicy): boolean {
  return router.claims(target) && router.attemptId(target) === undefined;
}

function begin(head: RequestHead | undefined, socket: Duplex, policy: AdmissionPolicy): Begun {
  const { method = '', target = '', httpVersion = '', headers = new Map<string, readonly string[]>() } = head ?? {};
  const { remoteAddress = '' } = socket as Partial<Socket>;
  // A proxy may write its own below the peer's: of headers that are cut off, neither is known to be the last.
  const forwarded = head?.isWhole === true ? headers.get('x-forwarded-for') : undefined;
  const origination = policy.addressOf(remoteAddress, forwarded ?? []);
  return beginAttempt({ method, target, httpVersion, headers, ...origination }, policy);
}

/** What was wrong, as far as it is known; undefined: it has nothing to do with a request. */
function faultOf({ server, error }: UnreadRequest, bytes: Buffer, head: RequestHead | undefined): Fault | undefined {
  const { code = '', reason } = error;
  if (code === 'HPE_HEADER_OVERFLOW') {
    const { maxHeaderSize: most = maxHeaderSize } = server as { readonly maxHeaderSize?: number };
    const read = { target: head?.target ?? '', headers: head?.begun ?? new Map<string, readonly string[]>() };
    return tooLarge(read, `more than ${Math.floor(most / 1024)} KiB`);
  }
  const when = unfinished[code];
  if (when !== undefined) return { name: 'request-unfinished', found: { value: when } };
  if (!code.startsWith('HPE_')) return undefined;
  // A record of TLS that begins a handshake (RFC 8446 section 5.1).
  if (bytes[0] === 0x16 && bytes[1] === 0x03) return { name: 'tls-to-plain', found: {} };
  // The preface of HTTP/2 (RFC 9113 section 3.4).
  if (bytes.subarray(0, 6).toString('latin1') === 'PRI * ') return { name: 'http-version', found: { value: '2.0' } };
  return { name: 'request-malformed', found: reason === undefined ? {} : { value: reason } };
}

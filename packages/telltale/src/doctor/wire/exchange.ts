// One HTTP/1.1 request written as text, and what comes back as bytes: an answer, something else, an end or silence.
// Knows sockets; the meaning of an answer is elsewhere.

import type { Socket } from 'node:net';
import { faultCode } from './dial.ts';
import { bodyText, isWhole } from './http-body.ts';
import { type Alien, alienIn, type HttpHead, readHead } from './http-head.ts';

export type Exchange =
  | {
      readonly kind: 'answer';
      readonly head: HttpHead;
      readonly body: string;
      /** What came behind the head of a 101. */
      readonly rest: Buffer;
      readonly afterMs: number;
    }
  | { readonly kind: 'alien'; readonly alien: Alien }
  /** `hasBegun`: some bytes of an answer had come. */
  | {
      readonly kind: 'ended';
      readonly how: 'closed' | 'reset' | 'tls';
      readonly code: string;
      readonly hasBegun: boolean;
    }
  | { readonly kind: 'silent'; readonly afterMs: number; readonly hasBegun: boolean };

/** Once the head is there, the rest of a body is waited for this long, in milliseconds. */
const bodyMs = 1500;

/** Sends a request and reads its answer. The socket stays open after a 101, and is destroyed otherwise. */
export async function exchange(socket: Socket, request: string, timeoutMs: number): Promise<Exchange> {
  const begun = performance.now();
  const answer = await new Promise<Exchange>((resolve) => {
    let bytes: Buffer = Buffer.alloc(0);
    let head: HttpHead | undefined;
    let rest: Buffer = Buffer.alloc(0);
    let headMs = 0;

    const done = (result: Exchange): void => {
      clearTimeout(timer);
      socket.off('data', read).off('error', failed).off('end', ended).off('close', ended);
      resolve(result);
    };
    const answered = (found: HttpHead): void =>
      done({ kind: 'answer', head: found, body: bodyText(found, rest), rest, afterMs: headMs });
    const read = (part: Buffer): void => {
      bytes = Buffer.concat([bytes, part]);
      if (head !== undefined) {
        rest = Buffer.concat([rest, part]);
      } else {
        const reading = readHead(bytes);
        if (reading.kind === 'alien') return done(reading);
        if (reading.kind === 'more') return;
        ({ head, rest } = reading);
        headMs = performance.now() - begun;
        clearTimeout(timer);
        timer = setTimeout(late, bodyMs);
      }
      if (head.status === 101) {
        socket.pause();
        answered(head);
      } else if (isWhole(head, rest)) answered(head);
    };
    const over = (result: Exchange): void => {
      if (head !== undefined) answered(head);
      else if (bytes.length > 0 && !'HTTP/'.startsWith(bytes.subarray(0, 5).toString('latin1'))) {
        done({ kind: 'alien', alien: alienIn(bytes) });
      } else done(result);
    };
    const late = (): void => over({ kind: 'silent', afterMs: performance.now() - begun, hasBegun: bytes.length > 0 });
    const ended = (): void => over({ kind: 'ended', how: 'closed', code: 'CLOSED', hasBegun: bytes.length > 0 });
    const failed = (error: NodeJS.ErrnoException): void => {
      const code = faultCode(error);
      const how = code === 'ECONNRESET' || code === 'EPIPE' ? 'reset' : code.startsWith('E') ? 'closed' : 'tls';
      over({ kind: 'ended', how, code, hasBegun: bytes.length > 0 });
    };
    let timer = setTimeout(late, timeoutMs);
    socket.on('data', read).once('error', failed).once('end', ended).once('close', ended);
    socket.write(request, 'latin1');
  });
  if (answer.kind !== 'answer' || answer.head.status !== 101) socket.destroy();
  return answer;
}

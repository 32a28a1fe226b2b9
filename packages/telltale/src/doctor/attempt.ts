// One attempt from the connection to the first words of a session, and what kept it from becoming one. The same for the
// main handshake, the direct one and each origin.

import type { PublicRefusal, WelcomeFrame } from '@telltale/protocol';
import { fail, type Exam, type Trouble } from './check.ts';
import { endTrouble } from './meaning/close-code.ts';
import { handshakeTrouble, type HandshakeContext } from './meaning/handshake.ts';
import { refusalTrouble } from './meaning/refusal.ts';
import { parseObject } from './meaning/telltale.ts';
import type { Target } from './target.ts';
import type { Place } from './wire/dial.ts';
import type { Handshake, HandshakeAsk } from './wire/handshake.ts';
import type { Line } from './wire/line.ts';

export type FirstWords =
  | { readonly kind: 'welcome'; readonly welcome: WelcomeFrame }
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'nothing' };

/** A session that lives; `words` is what it began with. */
export interface Begun {
  readonly kind: 'begun';
  readonly line: Line;
  readonly words: FirstWords;
}

export type AttemptOutcome = Begun | { readonly kind: 'refused'; readonly trouble: Trouble };

/** A session that is ended is so right after its first words; how long after, in milliseconds. */
const lingerMs = 400;

/** What the meaning of a handshake depends on. */
export function contextOf(exam: Exam, target: Target, ask: HandshakeAsk): HandshakeContext {
  const { facts } = exam;
  const isMain = target === exam.target;
  return {
    isTls: target.isTls,
    host: target.host,
    authority: target.authority,
    path: target.path,
    software: isMain ? facts.software : undefined,
    isTelltale: isMain && facts.isTelltale,
    answersPlainly: isMain && facts.baseline?.kind === 'answer',
    origin: ask.origin,
    credentialIn: credentialIn(ask, exam),
  };
}

function credentialIn(ask: HandshakeAsk, { options, target }: Exam): HandshakeContext['credentialIn'] {
  if ((options.token ?? target.token) === undefined) return undefined;
  if (ask.bearer !== undefined) return 'Authorization';
  return ask.protocols.some((name) => name.startsWith('bearer.')) ? 'Sec-WebSocket-Protocol' : 'the query';
}

/** Connects, shakes hands and waits for first words, for `waitMs` where the server need not say any. */
export async function attempt(
  exam: Exam,
  { place, target, ask, waitMs }: { place: Place; target: Target; ask: HandshakeAsk; waitMs: number },
): Promise<AttemptOutcome> {
  const handshake = await exam.wire.handshake(place, ask);
  const context = contextOf(exam, target, ask);
  const trouble = handshakeTrouble(handshake, context);
  if (trouble !== undefined) {
    if (handshake.kind === 'open') handshake.line.close();
    return { kind: 'refused', trouble };
  }
  return await firstWords((handshake as Extract<Handshake, { kind: 'open' }>).line, context, waitMs);
}

/** What a line begins with, or the trouble in how it ends at once. */
export async function firstWords(line: Line, context: HandshakeContext, waitMs: number): Promise<AttemptOutcome> {
  const isOver = (): true | undefined => (line.end !== undefined ? true : undefined);
  await line.until(() => (line.firstText === undefined ? isOver() : true), waitMs);
  if (line.end === undefined && line.firstText !== undefined) await line.until(isOver, lingerMs);
  const text = line.firstText;
  const frame = text === undefined ? undefined : parseObject(text);
  if (frame?.['type'] === 'refused') {
    line.close();
    const { path, origin, credentialIn: place, software } = context;
    const asked = { path, origin, credentialIn: place, hasProxy: software?.isProxy === true };
    return { kind: 'refused', trouble: refusalTrouble(frame as unknown as PublicRefusal, asked) };
  }
  if (line.end !== undefined) {
    const isOurs = frame?.['type'] === 'welcome' || context.isTelltale;
    return { kind: 'refused', trouble: endTrouble(line.end, { isOurs }) };
  }
  if (frame?.['type'] === 'welcome') {
    return { kind: 'begun', line, words: { kind: 'welcome', welcome: frame as unknown as WelcomeFrame } };
  }
  if (context.isTelltale && text === undefined) {
    line.close();
    return { kind: 'refused', trouble: welcomeMissing };
  }
  return { kind: 'begun', line, words: text === undefined ? { kind: 'nothing' } : { kind: 'text', text } };
}

const welcomeMissing = fail({
  id: 'welcome-missing',
  hop: 'proxy',
  found: 'the handshake is taken and no welcome comes, which a gateway says first of all',
  cure: 'find what holds frames back or answers the handshake in place of the gateway: a proxy, or a scanner of viruses',
});

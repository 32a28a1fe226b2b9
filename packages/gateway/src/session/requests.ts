// What each request of a session does. One function per frame type, one table that names them all; a frame without a
// row there does not exist.

import type {
  AuthenticateFrame,
  CallFrame,
  ClientFrame,
  PublishFrame,
  SubscribeFrame,
  UnsubscribeFrame,
} from '@telltale/protocol';
import { isAllowed } from '../channels/definition.ts';
import { validate } from '../channels/validate.ts';
import type { Published } from '../types.ts';
import { MethodFailure } from './method-failure.ts';
import { mostUnderWay } from './session-context.ts';
import type { Session } from './session.ts';

type Request = Exclude<ClientFrame, { type: 'ping' | 'pong' }>;

const handlers: {
  readonly [Type in Request['type']]: (session: Session, frame: Extract<Request, { type: Type }>) => void;
} = {
  subscribe,
  unsubscribe,
  publish,
  call,
  authenticate,
};

/** Requests a session may make. */
export const requestTypes: readonly string[] = Object.keys(handlers);

export function handleRequest(session: Session, frame: Request): void {
  (handlers[frame.type] as (session: Session, frame: Request) => void)(session, frame);
}

function subscribe(session: Session, { id, channel: name, since }: SubscribeFrame): void {
  const { registry, delivery, emit } = session.context;
  const { maxSubscriptions } = session.limits;
  const channel = registry.find(name);
  if (channel === undefined)
    return session.fail({ id, code: 4404, message: `found channel "${name}", which does not exist` });
  if (!isAllowed(session.identity, 'read', channel)) {
    return session.fail({
      id,
      code: 4403,
      message: `${session.identity.kind} ${session.identity.subject} may not read ${name}`,
    });
  }
  const isAnother = !session.subscriptions.has(name);
  if (isAnother && session.subscriptions.size >= maxSubscriptions) {
    const message = `found ${session.subscriptions.size} subscriptions, expected at most ${maxSubscriptions}; unsubscribe from one`;
    return session.fail({ id, code: 4429, message, retryable: false });
  }
  const replaced = session.subscriptions.get(name);
  session.subscriptions.set(delivery.subscribe(session, channel, since, id));
  // Only now: a channel whose only reader begins anew has a reader all the time.
  if (replaced !== undefined) delivery.unsubscribe(replaced);
  if (isAnother) emit({ type: 'subscribed', session, channel: name });
}

function unsubscribe(session: Session, { id, channel }: UnsubscribeFrame): void {
  const had = session.subscriptions.has(channel);
  session.unsubscribe(channel);
  session.send({ type: 'result', id, data: { channel } });
  if (had) session.context.emit({ type: 'unsubscribed', session, channel, reason: undefined });
}

function publish(session: Session, frame: PublishFrame): void {
  const { id, channel, once } = frame;
  const items = frame.batch ?? [frame.key === undefined ? { data: frame.data } : { key: frame.key, data: frame.data }];
  const answer = (outcome: Published): void => {
    if (outcome.kind === 'failed') {
      const { kind: _, ...error } = outcome;
      return session.fail({ id, ...error });
    }
    const { position, duplicate } = outcome;
    session.send({ type: 'result', id, data: { channel, position, ...(duplicate ? { duplicate } : {}) } });
  };
  const { publisher } = session.context;
  const taken = session.publishes.add(() => publisher.check({ channel, items, as: session.identity, once }), answer);
  if (!taken)
    session.fail({
      id,
      code: 4429,
      message: `found ${mostUnderWay} publishes without an answer, expected fewer at once`,
    });
}

function call(session: Session, { id, method: name, params }: CallFrame): void {
  const method = session.context.methods.get(name);
  if (method === undefined)
    return session.fail({ id, code: 4404, message: `found method "${name}", which does not exist` });
  if (!Object.is(method.allows(session.identity), true)) {
    return session.fail({
      id,
      code: 4403,
      message: `${session.identity.kind} ${session.identity.subject} may not call ${name}`,
    });
  }
  if (session.callsUnderWay >= mostUnderWay) {
    const message = `found ${mostUnderWay} calls without an answer, expected fewer at once`;
    return session.fail({ id, code: 4429, message });
  }
  const run = async (): Promise<void> => {
    const validated = await validate(method.schema, params);
    // A method that takes note of the session would never hear of its end, which has been.
    if (session.end !== undefined) return;
    if (validated.kind === 'invalid') return session.fail({ id, code: 4400, message: `${name}: ${validated.reason}` });
    const result = await method.handle(validated.data, session);
    if (result instanceof MethodFailure) return session.fail({ id, ...result.options });
    session.send({ type: 'result', id, data: result ?? null });
  };
  session.callsUnderWay++;
  run()
    .catch((error: unknown) => session.crash(error))
    .finally(() => session.callsUnderWay--);
}

function authenticate(session: Session, { id, token }: AuthenticateFrame): void {
  const refuse = (code: 4401 | 4403 | 4419 | 4503, reason: string, retryable?: boolean): void => {
    session.fail({ id, code, message: reason, ...(retryable === undefined ? {} : { retryable }) });
    session.context.emit({ type: 'renewal-refused', session, code, reason });
  };
  const run = async (): Promise<void> => {
    let answer;
    let changes;
    do {
      // Rights that were changed while the token was checked may not be in the answer: it is checked again.
      changes = session.rightsChanges;
      answer = await session.context.authenticate(token);
      if (session.end !== undefined) return;
    } while (changes !== session.rightsChanges);
    if (answer.kind === 'refused') {
      const code = answer.code === 4419 ? 4419 : answer.code === 4503 ? 4503 : answer.code === 4403 ? 4403 : 4401;
      return refuse(code, answer.reason, answer.retry);
    }
    const { identity } = answer;
    if (identity.id !== session.identity.id) {
      const reason = `found a token of ${identity.kind} ${identity.subject}, expected one of ${session.identity.kind} ${session.identity.subject}; connect anew to be somebody else`;
      return refuse(4403, reason);
    }
    session.identity = identity;
    session.sid = answer.sid;
    session.jti = answer.jti;
    session.recheck();
    const { expiresAt } = identity;
    session.send({ type: 'result', id, data: { identity, ...(expiresAt === undefined ? {} : { expiresAt }) } });
    session.context.emit({ type: 'renewed', session });
  };
  run().catch((error: unknown) => session.crash(error));
}

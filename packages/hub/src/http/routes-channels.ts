// Routes beside the socket: tickets, publishing and history by HTTP, with the same rules as the frames.

import {
  defaultLimits,
  isChannelName,
  isKey,
  isNestedWithin,
  isOnce,
  longestChannelName,
  parsePosition,
} from '@telltale/protocol';
import { z } from 'zod';
import type { HistoryPage, PublishAnswer, TicketAnswer } from '../api.ts';
import type { HubContext } from './context.ts';
import { badRequest, codeFailure, Failure, notFound } from './failure.ts';
import { createPaces } from './paces.ts';
import { type Route, route } from './route.ts';

/** A channel name the gateway has judged itself; its declared types do not reach a text from outside. */
type AnyChannel = 'agents';

// The rules of the `publish` frame. `data` is JSON already, since the body was read as such: it is not walked again
// but for its depth.
const publishBody = z.strictObject({
  channel: z.string().max(longestChannelName),
  key: z.string().refine(isKey, 'expected 1 to 256 characters').optional(),
  data: z
    .unknown()
    .refine((data) => data !== undefined, 'expected the message')
    .refine(
      (data) => isNestedWithin(data, defaultLimits.maxDepth - 1),
      `found it nested deeper than ${defaultLimits.maxDepth}`,
    ),
  once: z
    .strictObject({ producer: z.string(), seq: z.number() })
    .refine(isOnce, 'expected {"producer":"<22 to 64 of A-Za-z0-9_->","seq":n from 1}')
    .optional(),
});

const historyQuery = z.strictObject({
  before: z.string().max(64).optional(),
  limit: z.coerce.number().int().min(1).max(1000).default(200),
});

export function channelRoutes(context: HubContext): readonly Route[] {
  const { gateway } = context;
  const paces = createPaces('Wait, then send less often; a WebSocket takes batches.');
  const readingPaces = createPaces('Wait, then read on with larger pages.');
  return [
    route({
      method: 'POST',
      path: '/api/tickets',
      rule: 'viewer',
      cors: 'allowed-origins',
      async handle({ identity, sid, jti, raw }): Promise<TicketAnswer> {
        if (identity === undefined) throw badRequest('A ticket is for somebody.');
        await paces.take(identity.id, 0);
        const ids = { ...(sid === undefined ? {} : { sid }), ...(jti === undefined ? {} : { jti }) };
        return gateway.issueTicket(identity, raw.headers.origin, ids);
      },
    }),
    route({
      method: 'POST',
      path: '/api/publish',
      rule: 'viewer',
      cors: 'allowed-origins',
      body: publishBody,
      async handle({ identity, body }): Promise<PublishAnswer> {
        const { channel, key, data, once } = body;
        if (identity === undefined) throw badRequest('Somebody must publish.');
        if (!isChannelName(channel)) {
          throw badRequest(
            `channel: found ${JSON.stringify(body.channel.slice(0, 80))}, expected a name like "chat/general".`,
          );
        }
        await paces.take(identity.id, Buffer.byteLength(JSON.stringify(data)));
        const published = await gateway.publish(channel as AnyChannel, data as never, {
          as: identity,
          ...(key === undefined ? {} : { key }),
          ...(once === undefined ? {} : { once }),
        });
        if (published.kind === 'failed') throw codeFailure(published);
        return { position: published.position, duplicate: published.duplicate };
      },
    }),
    route({
      method: 'GET',
      path: '/api/channels/*',
      rule: 'reader',
      cors: 'allowed-origins',
      async handle({ identity, raw }): Promise<HistoryPage> {
        const [, channel = ''] = /^(.+)\/messages$/.exec((raw.params as Record<string, string>)['*'] ?? '') ?? [];
        const query = historyQuery.safeParse(raw.query);
        if (!query.success) throw badRequest('Expected ?before=<epoch>:<offset>&limit=<1 to 1000>.');
        // A channel one may not read and one that does not exist look the same.
        if (identity === undefined || !isChannelName(channel) || !gateway.can(identity, 'read', channel)) {
          throw notFound('There is no such channel, or you may not read it.');
        }
        await readingPaces.take(identity.id, 0);
        const { before, limit } = query.data;
        const position = before === undefined ? undefined : parsePosition(before);
        if (before !== undefined && position === undefined) {
          throw badRequest(`before: found ${JSON.stringify(before)}, expected <epoch>:<offset>.`);
        }
        const page = await gateway.read(channel, { limit, ...(position === undefined ? {} : { before: position }) });
        if (page.reset) {
          throw new Failure({
            status: 409,
            code: 4400,
            name: 'epoch-changed',
            message: `The channel began anew: found the epoch ${position?.epoch}, now it is ${page.epoch ?? 'none'}.`,
            hint: 'Read again without "before".',
          });
        }
        return {
          channel,
          epoch: page.epoch,
          position: page.position,
          messages: page.messages,
          more: page.more,
        };
      },
    }),
  ];
}

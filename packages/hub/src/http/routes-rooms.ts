// Routes of rooms: their history, for whoever may read them, and what operators make of them.

import { channelPartGrammar, isChannelPart, longestChannelPart } from '@telltale/protocol';
import { z } from 'zod';
import { isUsername, usernameRule } from '../accounts/accounts.ts';
import type { ChatPage, RoomList, RoomRow } from '../api.ts';
import { isVisible, mostTitleUnits } from '../chat/chat-text.ts';
import { generalRoom, isRoomName, type RoomChange } from '../chat/rooms.ts';
import { plainText } from '../plain-text.ts';
import type { HubContext } from './context.ts';
import { badRequest, Failure, notFound } from './failure.ts';
import { createPaces } from './paces.ts';
import { type Route, route, type RouteRequest } from './route.ts';

const title = z
  .string()
  .max(mostTitleUnits * 4)
  .transform((text) => plainText(text.replace(/\s+/g, ' '), mostTitleUnits))
  .refine(isVisible, 'found nothing that can be seen, expected a title');
const writers = z.enum(['viewers', 'operators']);
const members = z
  .array(z.string().refine(isUsername, `expected user names, ${usernameRule}`))
  .min(1, 'expected at least one, or null for everybody')
  .max(1000);
const room = z.string().max(longestChannelPart);

const messagesQuery = z.strictObject({
  before: z.coerce.number().int().min(1).max(Number.MAX_SAFE_INTEGER).optional(),
  limit: z.coerce.number().int().min(1).max(200).default(50),
});

export function roomRoutes({ gateway, chat, log }: HubContext): readonly Route[] {
  const { rooms } = chat;
  const paces = createPaces('Wait, then read on with larger pages.');
  const missing = (name: string): Failure =>
    notFound(`There is no room ${name} yet; one about an agent or a run comes when somebody speaks there.`);

  /** A route of operators that changes a room. */
  const changing = <Body extends { readonly room: string }>(
    path: string,
    body: z.ZodType<Body>,
    changeOf: (body: Body) => RoomChange,
    what: string,
  ): Route =>
    route({
      method: 'POST',
      path,
      rule: 'operator',
      body,
      async handle({ body: ask, identity }: RouteRequest<Body>): Promise<RoomRow> {
        const change = changeOf(ask);
        const isClosing = (change.archivedAt ?? change.members ?? null) !== null;
        if (ask.room === generalRoom && isClosing) {
          throw badRequest('The room general is everybody’s: it is not archived, and it has no members.');
        }
        const row = await rooms.change(ask.room, change);
        if (row === undefined) throw missing(ask.room);
        log.info({ room: ask.room, user: identity?.subject }, `${identity?.subject ?? ''} ${what} room ${ask.room}`);
        return row;
      },
    });

  return [
    route({
      method: 'GET',
      path: '/api/rooms/:room/messages',
      rule: 'reader',
      cors: 'allowed-origins',
      async handle({ identity, raw }): Promise<ChatPage> {
        const { room: name = '' } = raw.params as Record<string, string>;
        // A room one may not read and one that does not exist look the same.
        if (identity === undefined || !isChannelPart(name) || !gateway.can(identity, 'read', `chat/${name}`)) {
          throw notFound('There is no such room, or you may not read it.');
        }
        await paces.take(identity.id, 0);
        const query = messagesQuery.safeParse(raw.query);
        if (!query.success) throw badRequest('Expected ?before=<offset>&limit=<1 to 200>.');
        const { before, limit } = query.data;
        return await chat.page(name, { before, limit });
      },
    }),
    route({
      method: 'GET',
      path: '/api/rooms',
      rule: 'operator',
      handle: (): RoomList => ({ rooms: rooms.rows() }),
    }),
    route({
      method: 'POST',
      path: '/api/rooms',
      rule: 'operator',
      body: z.strictObject({
        room: z
          .string()
          .refine(isRoomName, `expected ${channelPartGrammar}, beginning neither with "agent." nor with "run."`),
        title,
        writers: writers.default('viewers'),
        members: members.nullable().default(null),
      }),
      async handle({ body, identity }): Promise<RoomRow> {
        const row = await rooms.add(body);
        if (row === undefined) {
          throw new Failure({
            status: 409,
            code: 4400,
            name: 'room-taken',
            message: `There is a room ${body.room} already.`,
            hint: 'Choose another name; one that is archived can be brought back.',
          });
        }
        log.info({ room: row.room, user: identity?.subject }, `${identity?.subject ?? ''} made the room ${row.room}`);
        return row;
      },
    }),
    changing('/api/rooms/rename', z.strictObject({ room, title }), (ask) => ({ title: ask.title }), 'renamed the'),
    changing(
      '/api/rooms/archive',
      z.strictObject({ room, archived: z.boolean() }),
      ({ archived }) => ({ archivedAt: archived ? Date.now() : null }),
      'archived, or brought back, the',
    ),
    changing(
      '/api/rooms/writers',
      z.strictObject({ room, writers }),
      (ask) => ({ writers: ask.writers }),
      'said who writes in the',
    ),
    changing(
      '/api/rooms/members',
      z.strictObject({ room, members: members.nullable() }),
      (ask) => ({ members: ask.members }),
      'said who is in the',
    ),
  ];
}

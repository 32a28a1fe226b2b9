// Everything about rooms in one place: which there are, what is said there, who is there, who has not read it. Composed here,
// so that the hub connects one part.

import {
  type Appended,
  type Gateway,
  type GatewayEvent,
  type GatewayLog,
  type MethodDefinition,
  MethodFailure,
  type Prepared,
  type PublishToPrepare,
  type SessionView,
  type StandardSchema,
} from '@telltale/gateway';
import { isChannelPart } from '@telltale/protocol';
import { z } from 'zod';
import type { Accounts } from '../accounts/accounts.ts';
import type { ChatEvent, ChatPage } from '../api.ts';
import type { HubChannels } from '../channels.ts';
import type { Storage } from '../storage/storage.ts';
import { createChatDesk } from './chat-desk.ts';
import { chatPageOf } from './chat-page.ts';
import { Eraser } from './eraser.ts';
import { Inboxes } from './inboxes.ts';
import { createMentions } from './mentions.ts';
import { PersonRates } from './person-rates.ts';
import { Presence } from './presence.ts';
import { Rooms, type RoomsOptions } from './rooms.ts';

export interface ChatOptions extends Pick<RoomsOptions, 'issuer' | 'hasSubject'> {
  readonly storage: Storage;
  readonly accounts: Pick<Accounts, 'user'>;
  /** Messages of one person on average; at once four times as many. */
  readonly ratePerSecond: number;
  /** Asked for only once the gateway is made. */
  readonly gateway: () => Gateway<HubChannels>;
  readonly log: GatewayLog;
  readonly now?: () => number;
  /** What rates and rests in rooms are measured by, in milliseconds. Default: the process's clock. */
  readonly monotonic?: (() => number) | undefined;
}

export interface Chat {
  readonly rooms: Rooms;
  readonly methods: Readonly<Record<'chat.typing' | 'chat.presence' | 'chat.read', MethodDefinition>>;
  /** The last word on what is posted. */
  prepare(publish: PublishToPrepare<ChatEvent>): Prepared<ChatEvent> | Promise<Prepared<ChatEvent>>;
  onAppended(appended: Appended<ChatEvent>): void;
  onSession(session: SessionView): void;
  onEvent(event: GatewayEvent): void;
  /** The newest messages before an offset, with all that happened to them. */
  page(room: string, ask: { readonly before: number | undefined; readonly limit: number }): Promise<ChatPage>;
  /** The gateway is made, nobody is let in yet. */
  start(): void;
  /** Shows nothing more. */
  stop(): void;
  /** Resolves when nothing that was taken back is left in the journal. */
  flush(): Promise<void>;
}

/** How often it is looked who has gone, in milliseconds. */
const tickMs = 250;

const room = z.string().refine(isChannelPart, 'expected the name of a room');
const typingAsk = z.strictObject({ room, typing: z.boolean() });
const presenceAsk = z.strictObject({ room, state: z.enum(['here', 'away']) });
const readAsk = z.strictObject({ room, offset: z.number().int().min(0).max(Number.MAX_SAFE_INTEGER) });

export async function createChat(options: ChatOptions): Promise<Chat> {
  const { storage, accounts, gateway, issuer, ratePerSecond, hasSubject, log } = options;
  const { now = Date.now, monotonic = () => performance.now() } = options;
  const rooms = new Rooms({ storage, gateway, issuer, hasSubject, log, now });
  await rooms.load();
  const presence = new Presence({ gateway, log, now, monotonic });
  const inboxes = new Inboxes({ storage, gateway, rooms, log, now, monotonic });
  const eraser = new Eraser({ storage, log });
  const rates = new PersonRates({ perSecond: ratePerSecond, burst: 4 * ratePerSecond, now: monotonic });
  const mentionsIn = createMentions({ accounts, sessions: () => gateway().sessions(), storage, rooms, issuer });
  let timer: NodeJS.Timeout | undefined;
  let forgetInterest = (): void => {};

  /** A method of people, about a room they may read. */
  const method = <Ask extends { readonly room: string }>(
    schema: z.ZodType<Ask>,
    handle: (ask: Ask, session: SessionView) => unknown,
  ): MethodDefinition => ({
    allows: ({ kind }) => kind === 'user',
    schema: schema as unknown as StandardSchema,
    handle(params, session) {
      const ask = params as Ask;
      if (rooms.exists(ask.room) && rooms.canRead(session.identity, ask.room)) return handle(ask, session);
      const message = `found no room ${ask.room}, or one you may not read`;
      return new MethodFailure({ code: 4404, message });
    },
  });

  const restore = (table: Promise<void>): void => {
    table.catch((error: unknown) => log.error({ err: error }, 'A table of the rooms could not be read'));
  };

  return {
    rooms,
    methods: {
      'chat.typing': method(typingAsk, (ask, session) => presence.type(session, ask.room, ask.typing)),
      'chat.presence': method(presenceAsk, (ask, session) => presence.stand(session, ask.room, ask.state)),
      'chat.read': method(readAsk, async (ask, { identity }) => {
        try {
          await inboxes.read(identity, ask.room, ask.offset);
          return null;
        } catch (error) {
          log.error({ err: error }, 'What was read could not be stored');
          return new MethodFailure({ code: 4503, message: 'the database takes nothing now', retryAfterMs: 5000 });
        }
      }),
    },
    prepare: createChatDesk({ rooms, rates, mentionsIn, storage, log }),
    onAppended({ params, as, items, position, time }) {
      const { room: name = '' } = params;
      for (const [index, { data }] of items.entries()) {
        const offset = position.offset - items.length + 1 + index;
        if (data?.type === 'said') rooms.said(name, { offset, time });
        if (data?.type === 'edited' || data?.type === 'deleted') eraser.due();
      }
      if (as !== undefined) presence.said(name, as.id);
      inboxes.onEvents(name, { items, position });
    },
    onSession: (session) => presence.onSession(session),
    onEvent: (event) => presence.onEvent(event),
    page: async (name, ask) => chatPageOf(await storage.chatPage(name, ask)),
    start() {
      rooms.start();
      // What was taken back before a kill is still in the journal.
      eraser.due();
      forgetInterest = gateway().onInterest((channel, interested) => {
        inboxes.onInterest(channel, interested);
        if (interested && channel === 'rooms') restore(rooms.restore());
        if (interested) restore(presence.restore(channel));
      });
      timer = setInterval(() => {
        rooms.tick();
        presence.tick();
        inboxes.tick();
      }, tickMs);
    },
    stop() {
      clearInterval(timer);
      forgetInterest();
    },
    flush: () => eraser.flush(),
  };
}

// People of rooms for tests of a whole hub: each with a token of another backend, and what they say and read there.

import type { Position } from '@telltale/protocol';
import { mintToken } from '../accounts/access-token.ts';
import type { ChatEvent, ChatMessage, ChatPage, ChatPost, UserFact } from '../api.ts';
import { connect, isWelcome, type Line, rowThat } from './line.ts';
import { type Answer, type TestHub, testSecret } from './test-hub.ts';
import { bearer, claims } from './tokens.ts';

export interface TestPerson {
  readonly id: string;
  readonly line: Line;
  /** Headers of a request of theirs. */
  readonly headers: Record<string, string>;
  /** Posts to a room and answers what the post is answered: `result` or `error`. */
  post(post: ChatPost, room?: string): Promise<Record<string, unknown>>;
  /** Says something and answers its offset. */
  say(text: string, room?: string): Promise<number>;
  /** A page of a room's history. */
  page(query?: string, room?: string): Promise<ChatPage>;
  ask(path: string, body: unknown): Promise<Answer>;
  /** Waits until a row of their own table is as it should be. */
  fact<Type extends UserFact['type']>(
    key: string,
    fits: (fact: Extract<UserFact, { type: Type }>) => boolean,
  ): Promise<Extract<UserFact, { type: Type }>>;
}

export type TestScope = 'viewer' | 'operator';

export function tokenOf(subject: string, scope: TestScope = 'viewer'): string {
  return mintToken(claims({ subject, scope }), testSecret);
}

/** Connects somebody at a path below the prefix. */
export async function personAt(
  hub: TestHub,
  subject: string,
  { path = 'chat/general/', scope = 'viewer' }: { readonly path?: string; readonly scope?: TestScope } = {},
): Promise<TestPerson> {
  const token = tokenOf(subject, scope);
  const line = connect(hub, `/ws/${path}`, token);
  const { identity } = (await line.next(isWelcome)) as { identity: { id: string } };
  const { headers } = bearer(token);
  const post: TestPerson['post'] = (data, room = 'general') =>
    line.request({ type: 'publish', channel: `chat/${room}`, data });
  return {
    id: identity.id,
    line,
    headers,
    post,
    async say(text, room) {
      const answer = await post({ text }, room);
      const { position } = (answer['data'] ?? {}) as { position?: Position };
      if (position === undefined) throw new Error(`"${text.slice(0, 40)}" was answered ${JSON.stringify(answer)}`);
      return position.offset;
    },
    async page(query = '', room = 'general') {
      const answer = await hub.ask(`/api/rooms/${room}/messages${query}`, { headers });
      if (answer.status !== 200) throw new Error(`the page answered ${answer.status} ${answer.text}`);
      return answer.json as ChatPage;
    },
    ask: (route, body) => hub.ask(route, { body, headers }),
    async fact(key, fits) {
      return await rowThat(line, [`user/${identity.id}`, key], fits);
    },
  };
}

/** Every event a line was given of a room, in the order in which it came. */
export function eventsOf(
  { frames }: Pick<Line, 'frames'>,
  room = 'general',
): readonly { readonly offset: number; readonly data: ChatEvent }[] {
  return frames.flatMap((frame) =>
    frame['type'] === 'messages' && frame['channel'] === `chat/${room}`
      ? (frame['messages'] as { offset: number; data: ChatEvent }[])
      : [],
  );
}

export function textsOf({ messages }: { readonly messages: readonly Pick<ChatMessage, 'text'>[] }): readonly string[] {
  return messages.map(({ text }) => text);
}

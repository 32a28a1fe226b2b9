// A client that knows nothing of ours: the `ws` package as wscat uses it. Collects frames as they come, and how it
// ended.

import type { ServerFrame } from '@telltale/protocol';
import { WebSocket } from 'ws';
import { until } from './until.ts';

export type FrameOf<Type extends ServerFrame['type']> = Extract<ServerFrame, { type: Type }>;

export interface PlainSocket extends Disposable {
  /** Frames so far, oldest first. */
  readonly frames: readonly ServerFrame[];
  /** Each message as it came. */
  readonly texts: readonly string[];
  readonly ended: { readonly code: number; readonly reason: string } | undefined;
  send(frame: object): void;
  /** Ends it as a program that stops on purpose. */
  close(code: number, reason: string): void;
  /** The first frame of a type that pleases. */
  frame<Type extends ServerFrame['type']>(
    type: Type,
    pleases?: (frame: FrameOf<Type>) => boolean,
    withinMs?: number,
  ): Promise<FrameOf<Type>>;
  /** How it ended. */
  end(withinMs?: number): Promise<{ readonly code: number; readonly reason: string }>;
}

/** Connects; a refusal by HTTP shows as `ended` 1006 with the status and body as its reason. */
export function openPlainSocket(url: string, headers: Readonly<Record<string, string>> = {}): PlainSocket {
  const frames: ServerFrame[] = [];
  const texts: string[] = [];
  let ended: { code: number; reason: string } | undefined;
  const socket = new WebSocket(url, { headers: { ...headers } });
  socket.on('message', (message, isBinary) => {
    if (isBinary) return void socket.close(1003, 'binary');
    texts.push(String(message));
    frames.push(JSON.parse(String(message)) as ServerFrame);
  });
  socket.on('unexpected-response', (_request, response) => {
    let body = '';
    response.setEncoding('utf8').on('data', (text: string) => (body += text));
    response.on('end', () => {
      ended = { code: 1006, reason: `HTTP ${response.statusCode} ${body}` };
      socket.terminate();
    });
  });
  socket.on('error', (error) => {
    ended ??= { code: 1006, reason: String(error) };
  });
  socket.on('close', (code, reason) => {
    ended ??= { code, reason: String(reason) };
  });
  const seen = (): unknown => ({ ended, texts: texts.map((text) => text.slice(0, 300)) });
  return {
    frames,
    texts,
    get ended() {
      return ended;
    },
    send: (frame) => socket.send(JSON.stringify(frame)),
    close: (code, reason) => socket.close(code, reason),
    async frame(type, pleases = () => true, withinMs = 10_000) {
      type Wanted = FrameOf<typeof type>;
      const find = (): Wanted | undefined =>
        frames.find((frame) => frame.type === type && pleases(frame as Wanted)) as Wanted | undefined;
      await until(
        `a frame ${type}`,
        () => (find() === undefined ? seen() : 'found'),
        (state) => state === 'found',
        withinMs,
      );
      return find() as Wanted;
    },
    async end(withinMs = 10_000) {
      await until('the end of the socket', seen, () => ended !== undefined, withinMs);
      return ended as { code: number; reason: string };
    },
    [Symbol.dispose]: () => socket.terminate(),
  };
}

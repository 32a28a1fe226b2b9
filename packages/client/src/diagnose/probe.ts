// A socket that is opened to see what becomes of it: as the connection opens its own, with the same credential, and
// left as soon as that is known.

import { decodeServerMessage, type RefusedFrame } from '@telltale/protocol';
import { dial } from '../dial.ts';
import type { Environment } from '../environment.ts';
import type { ConnectionOptions, WebSocketConstructor, WebSocketLike } from '../types.ts';

export type SocketReport =
  /** It could not even be tried. */
  | { readonly kind: 'threw'; readonly name: string; readonly reason: string }
  /** Neither opened nor failed. */
  | { readonly kind: 'waiting'; readonly waitedMs: number }
  | { readonly kind: 'failed'; readonly afterMs: number }
  | {
      readonly kind: 'opened';
      readonly afterMs: number;
      /** The subprotocol that the server chose; empty: none. */
      readonly protocol: string;
      /** The first text that came: of a gateway, of somebody else, or none. */
      readonly word: 'welcome' | 'refused' | 'other' | 'none';
      /** The server's clock minus ours, by its `welcome`. */
      readonly aheadMs: number | undefined;
      readonly refusal: RefusedFrame | undefined;
      /** Undefined: it stayed open as long as it was watched. */
      readonly end: SocketEnd | undefined;
    };

export interface SocketEnd {
  readonly code: number;
  readonly reason: string;
  /** What was received was no WebSocket: only then a browser tells of an error behind `open`. */
  readonly hadError: boolean;
}

export interface ProbeOptions {
  readonly attempt: string;
  readonly token: string | undefined;
  /** How long it may take to open and to say its first word, in milliseconds. */
  readonly ms: number;
  readonly WebSocket?: WebSocketConstructor | undefined;
  /** Once this resolves there is nothing to wait for. */
  readonly stop?: Promise<void> | undefined;
}

/** A server that does not speak first is watched this long, in milliseconds. */
const watchMs = 700;
/** A refusal is followed by its close. */
const closeMs = 500;

export function probe(
  options: ConnectionOptions,
  { now, after }: Environment,
  { attempt, token, ms, WebSocket, stop }: ProbeOptions,
): Promise<SocketReport> {
  const RealSocket =
    WebSocket ?? options.WebSocket ?? (globalThis.WebSocket as unknown as WebSocketConstructor | undefined);
  const isForeign = options.speaks === 'foreign';
  const begun = now();
  let cancel = () => {};
  return new Promise((resolve) => {
    let socket: WebSocketLike | undefined;
    let opened: Extract<SocketReport, { kind: 'opened' }> | undefined;
    let hadError = false;
    function finish(report: SocketReport): void {
      cancel();
      if (dialled !== undefined && 'leave' in dialled) dialled.leave(1000, 'diagnosis');
      resolve(report);
    }
    const patience = (limitMs: number) => {
      cancel();
      cancel = after(limitMs, () => finish(opened ?? { kind: 'waiting', waitedMs: now() - begun }));
    };
    // Constructs the real one and keeps it: its errors and its subprotocol are wanted too.
    function Watched(url: string, protocols?: string[]): WebSocketLike {
      socket = new (RealSocket as WebSocketConstructor)(url, protocols?.length === 0 ? undefined : protocols);
      (socket as unknown as EventTarget).addEventListener('error', () => (hadError = opened !== undefined));
      return socket;
    }
    const handlers = {
      onOpen() {
        const { protocol = '' } = socket as unknown as { protocol?: string };
        opened = {
          kind: 'opened',
          afterMs: now() - begun,
          protocol,
          word: 'none',
          aheadMs: undefined,
          refusal: undefined,
          end: undefined,
        };
        patience(isForeign ? Math.min(watchMs, ms) : Math.max(watchMs, ms - opened.afterMs));
      },
      onText(text: string | undefined) {
        if (opened === undefined || opened.word !== 'none') return;
        const [decoded] = decodeServerMessage(text ?? 'binary');
        const frame = decoded?.kind === 'frame' ? decoded.frame : undefined;
        if (frame?.type === 'welcome') {
          opened = { ...opened, word: 'welcome', aheadMs: frame.time - now() };
          // One that is closed at once says so as soon as its close has gone there and back, which took once to open it.
          patience(isForeign ? watchMs : Math.min(watchMs, Math.max(150, 3 * opened.afterMs)));
        } else if (frame?.type === 'refused') {
          opened = { ...opened, word: 'refused', refusal: frame };
          patience(closeMs);
        } else opened = { ...opened, word: 'other' };
      },
      onClose({ code, reason }: { readonly code: number; readonly reason: string }) {
        if (opened === undefined) finish({ kind: 'failed', afterMs: now() - begun });
        else finish({ ...opened, end: { code, reason, hadError } });
      },
    };
    const world =
      RealSocket === undefined ? options : { ...options, WebSocket: Watched as unknown as WebSocketConstructor };
    const dialled = dial(world, attempt, token, handlers);
    if ('reason' in dialled) resolve({ kind: 'threw', name: dialled.name ?? '', reason: dialled.reason });
    else {
      patience(ms);
      void stop?.then(() => patience(0));
    }
  });
}

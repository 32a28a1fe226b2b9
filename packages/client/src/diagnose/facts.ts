// What is known once everything has been tried: values only, from which every check and the verdict follow. Gathered by
// gather.ts.

import type { TokenReading } from '@telltale/protocol/token';
import type { HttpAnswer } from './http.ts';
import type { Blocked, Permission } from './place.ts';
import type { SocketReport } from './probe.ts';

export interface Facts {
  readonly now: number;
  /** Undefined: the URL is none to connect to, and why. */
  readonly url: string | undefined;
  readonly urlFault: string | undefined;
  readonly isForeign: boolean;
  readonly isOnline: boolean;
  /** Undefined outside a page. */
  readonly page: PageFacts | undefined;
  readonly token: TokenFacts;
  /** The connection itself is open; then no socket is opened beside it. */
  readonly isOpen: boolean;
  readonly socket: SocketReport | undefined;
  /** The same socket again, without subprotocols and credential, where the first did not open. */
  readonly bare: SocketReport | undefined;
  /** The same socket again by the browser's own class, where the page's is another. */
  readonly clean: SocketReport | undefined;
  readonly http: HttpAnswer | undefined;
  /** What answers at the socket's own path, where that may be read. */
  readonly path: HttpAnswer | undefined;
  /** Something answers at the same port with the other scheme. */
  readonly answersOtherScheme: boolean;
  /** A gateway answers where this page came from, though none does at the URL. */
  readonly isGatewayAtPage: boolean;
  /** What became of the socket above, as the gateway says. */
  readonly attempt: HttpAnswer | undefined;
  /** How long ago that socket was tried, at most. */
  readonly attemptMs: number;
  /** The server's clock minus ours; undefined: nothing told. */
  readonly clockAheadMs: number | undefined;
  /** Tries of the connection since it was last stable. */
  readonly tries: number;
}

export interface PageFacts {
  readonly origin: string;
  readonly isSecure: boolean;
  readonly hostname: string;
  readonly isHidden: boolean;
  readonly isNative: boolean | undefined;
  readonly blocked: Blocked;
  readonly permission: Permission;
  readonly holdsBack: boolean;
}

export type TokenFacts =
  | { readonly kind: 'none' }
  /** The application could not, or not in time, supply one. */
  | { readonly kind: 'unavailable' }
  | { readonly kind: 'read'; readonly reading: TokenReading; readonly length: number };

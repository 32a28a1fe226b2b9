// What `connection.diagnose()` answers: every check it made, in the order in which a connection meets what they look at,
// and one verdict. Words for people, stable names for programs, no secret in any of them.

/** `unknown`: it could not be found out from here, and `found` says why. */
export type CheckOutcome = 'ok' | 'warning' | 'failed' | 'unknown';

/** What is looked at, in this order. A check that makes no sense where it runs (a page's, in Node) is left out. */
export type CheckId =
  /** The URL: form, scheme, path. */
  | 'address'
  /** Whether there is a network. */
  | 'network'
  /** Whether the page is shown; hidden ones have slow timers. */
  | 'visibility'
  /** Whether a page that came by https opens `ws://`. */
  | 'mixed-content'
  /** Whether the WebSocket class is the browser's own. */
  | 'websocket'
  /** The page's Content-Security-Policy. */
  | 'policy'
  /** The browser's permission for addresses of the local network. */
  | 'local-network'
  /** The token's form and its times. */
  | 'token'
  /** What answers by HTTP at the same host. */
  | 'http'
  /** The server's clock and ours. */
  | 'clock'
  /** A socket that is opened to see what becomes of it, or the connection's own where it is open. */
  | 'socket'
  /** What the gateway says of that socket: `GET <prefix>/attempts/<id>`. */
  | 'attempt'
  /** Whether the server answers with the subprotocol it was offered. */
  | 'subprotocol'
  /** Whether the browser holds back the sockets of a page that keeps failing. */
  | 'throttling';

export interface DiagnosisCheck {
  readonly id: CheckId;
  readonly outcome: CheckOutcome;
  /** What was found: a clause, without a full stop. */
  readonly found: string;
  /** What to do: sentences. Absent where there is nothing to do. */
  readonly todo?: string;
}

/** Where on the way it is broken. `network` is everything between that a page cannot tell apart: name, port, TLS. */
export type DiagnosisHop =
  'address' | 'browser' | 'page' | 'token' | 'clock' | 'network' | 'proxy' | 'server' | 'gateway';

export interface Verdict {
  readonly outcome: CheckOutcome;
  /** Kebab-case word for what is wrong, the same in every release; `connects`: nothing is. Like doctor's where both can see it. */
  readonly name: string;
  /** One sentence for a person, with a full stop. */
  readonly sentence: string;
  /** Absent where nothing is broken. */
  readonly hop?: DiagnosisHop;
  /** What to do: sentences. Empty where there is nothing to do. */
  readonly cure: string;
}

export interface Diagnosis {
  /** When it began, by our clock, and how long it took; milliseconds. */
  readonly at: number;
  readonly tookMs: number;
  readonly checks: readonly DiagnosisCheck[];
  readonly verdict: Verdict;
}

export interface DiagnoseOptions {
  /** How long it may take in all, in milliseconds. Default and most 9,000: less cuts off sockets that Chromium holds back. */
  readonly withinMs?: number;
}

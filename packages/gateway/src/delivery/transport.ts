// The seam between delivery and the socket. The real one wraps a WebSocket; tests use one that is flushed by hand.

/** One peer's way out. Frames leave in the order they were given. */
export interface Transport {
  /**
   * Sends finished frames, of which a buffer may hold several, in one write. The buffers are shared: nobody may change
   * them. `at` is the monotonic time, for who sends to many and asks for it once.
   */
  send(frames: readonly Buffer[], at?: number): void;
  /** Whether the peer has not answered for a whole window of bytes; then only answers to its requests are sent. */
  readonly isCongested: boolean;
  /** Whether it answers so slowly that a large frame would hold up those behind it for seconds. */
  readonly isSlow: boolean;
  /** Whether the peer agreed to frames whose payload is deflated. */
  readonly inflates: boolean;
  /** Whether the peer takes several frames as one message (DLV6). */
  readonly joins: boolean;
  /** Bytes sent and not yet answered. */
  readonly unansweredBytes: number;
}

// What a session may send and hold. The gateway states its limits in `welcome`; a client checks them before it sends.

export interface Limits {
  /** Largest frame a client may send, in bytes of UTF-8. */
  readonly maxFrameBytes: number;
  /** Largest `data` of one message, in bytes of UTF-8. */
  readonly maxMessageBytes: number;
  /** Deepest nesting of arrays and objects in a frame. */
  readonly maxDepth: number;
  readonly maxSubscriptions: number;
  /** Frames a session may send per second on average, and at once. */
  readonly framesPerSecond: number;
  readonly frameBurst: number;
  /** Bytes a session may send per second on average, and at once. */
  readonly bytesPerSecond: number;
  readonly byteBurst: number;
}

export const defaultLimits: Limits = {
  maxFrameBytes: 64 * 1024,
  maxMessageBytes: 256 * 1024,
  maxDepth: 32,
  maxSubscriptions: 100,
  framesPerSecond: 20,
  frameBurst: 200,
  bytesPerSecond: 256 * 1024,
  byteBurst: 1024 * 1024,
};

/** The credential's longest text, in characters (ADM6). */
export const maxTokenLength = 4096;

// What every part of Telltale says on the wire. No dependency, neither DOM nor Node.

export * from './channel.ts';
export * from './channel-types.ts';
export * from './close-text.ts';
export * from './codes.ts';
export { type Decoded } from './decoding.ts';
export * from './decode-client-frame.ts';
export * from './decode-server-frame.ts';
export * from './frames.ts';
export * from './identity.ts';
export * from './limits.ts';
export * from './position.ts';
export * from './probe-origin.ts';

// The gateway's public types, in four files. No code.

export type * from './types/declarations.ts';
export type * from './types/events.ts';
export type * from './types/gateway.ts';
export type * from './types/options.ts';

// Telltale's client: one connection that stays connected and says why when it does not.

export { createConnection } from './connection.ts';
export { createRateGate, type RateGate } from './limits.ts';
export { streamStore, tableStore } from './store.ts';
export type { Store, StreamSnapshot, TableSnapshot } from './store.ts';
export type * from './diagnose/types.ts';
export type * from './types.ts';
export { defaultUrl, maskUrl } from './url.ts';

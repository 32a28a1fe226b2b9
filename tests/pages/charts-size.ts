// How much the page of charts draws: said to the page and to the test that feeds it.

export const charts = 24;
export const points = 900;
/** Ten samples a second. */
export const everyMs = 100;
export const rangeMs: number = points * everyMs;

// What this page costs: the main thread's time for a frame that changed something, from its start until after it was
// painted. Everything that draws asks for its frame here.

const kept = 30;
const costs: number[] = [];
let waiting: (() => void)[] = [];

/** Runs at the next frame, together with all others that asked; the frame's whole cost is measured. */
export function inFrame(run: () => void): void {
  waiting.push(run);
  if (waiting.length > 1) return;
  requestAnimationFrame(() => {
    const began = performance.now();
    const all = waiting;
    waiting = [];
    for (const one of all) one();
    const { port1, port2 } = new MessageChannel();
    // A message is delivered after React has rendered and the browser has painted.
    port1.onmessage = () => {
      costs.push(performance.now() - began);
      if (costs.length > kept) costs.shift();
      port1.close();
    };
    port2.postMessage(undefined);
  });
}

/** The mean of the last 30 such frames, in milliseconds; undefined before the first. */
export function frameCostMs(): number | undefined {
  return costs.length === 0 ? undefined : costs.reduce((sum, cost) => sum + cost, 0) / costs.length;
}

// Joins changes: however many there are, what listens is told once per animation frame, everybody in the same one, so
// that a page renders once for all. Where that takes long, the next frame waits, and the page keeps most of its time for
// others. A page that is hidden gets no frames, so there a slow timer takes their place.

const hiddenMs = 1_000;
const frameMs = 16;
/** After what a frame took, so many times as long passes before the next one: up to 4 ms a frame, a 25th of the time. */
const restFactor = 24;
/** Longest rest. What is shown is never older for it than a tenth of a second. */
const mostRestMs = 100;

const waiting = new Set<() => void>();
let isAsked = false;
let restUntil = 0;

/** Returns a function that asks for `run` at the next frame; asking again before it changes nothing. */
export function conflated(run: () => void): { ask(): void; cancel(): void } {
  return {
    ask() {
      waiting.add(run);
      askForFrame();
    },
    cancel() {
      waiting.delete(run);
    },
  };
}

function askForFrame(): void {
  if (isAsked) return;
  isAsked = true;
  const isHidden = typeof document !== 'undefined' && document.hidden;
  if (typeof requestAnimationFrame !== 'function' || isHidden) {
    setTimeout(runAll, isHidden ? hiddenMs : frameMs);
    return;
  }
  const restMs = restUntil - performance.now();
  if (restMs > 0) setTimeout(frameOrTimer, restMs);
  else frameOrTimer();
}

/** Whichever comes first: a page that is hidden meanwhile gets its frame when it is shown again. */
function frameOrTimer(): void {
  const frame = requestAnimationFrame(() => {
    clearTimeout(timer);
    runAll();
  });
  const timer = setTimeout(() => {
    cancelAnimationFrame(frame);
    runAll();
  }, hiddenMs);
}

function runAll(): void {
  isAsked = false;
  const all = [...waiting];
  waiting.clear();
  const began = performance.now();
  for (const run of all) runAlone(run);
  if (all.length === 0 || typeof MessageChannel !== 'function') return;
  // A message comes after React has rendered and the browser has painted.
  const { port1, port2 } = new MessageChannel();
  port1.onmessage = () => {
    const now = performance.now();
    restUntil = now + Math.min((now - began) * restFactor, mostRestMs);
    port1.close();
  };
  port2.postMessage(undefined);
}

/** What throws is reported as if it ran by itself, and keeps nobody else waiting. */
function runAlone(run: () => void): void {
  try {
    run();
  } catch (error) {
    queueMicrotask(() => {
      throw error;
    });
  }
}

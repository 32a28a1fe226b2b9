// Joins changes: however many there are, what listens is told once per animation frame. A page that is hidden gets no
// frames, so there a slow timer takes their place.

const hiddenMs = 1_000;
const frameMs = 16;

/** Returns a function that asks for `run` at the next frame; asking again before it changes nothing. */
export function conflated(run: () => void): { ask(): void; cancel(): void } {
  let cancel: (() => void) | undefined;
  const go = () => {
    cancel = undefined;
    run();
  };
  return {
    ask() {
      if (cancel !== undefined) return;
      const isHidden = typeof document !== 'undefined' && document.hidden;
      if (typeof requestAnimationFrame === 'function' && !isHidden) {
        const frame = requestAnimationFrame(go);
        cancel = () => cancelAnimationFrame(frame);
      } else {
        const timer = setTimeout(go, isHidden ? hiddenMs : frameMs);
        cancel = () => clearTimeout(timer);
      }
    },
    cancel() {
      cancel?.();
      cancel = undefined;
    },
  };
}

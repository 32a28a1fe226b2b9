// Joins changes to one drawing: at the next frame, and, while many come, not sooner than a moment after the last one.
// Nobody reads faster than that.

const apartMs = 50;

export interface Pace {
  ask(): void;
  stop(): void;
}

export function createPace(frame: (run: () => void) => void, run: () => void): Pace {
  let timer: ReturnType<typeof setTimeout> | undefined;
  let isAsked = false;
  let isStopped = false;
  let lastAt = -Infinity;
  const draw = (): void => {
    isAsked = false;
    if (isStopped) return;
    lastAt = performance.now();
    run();
  };
  return {
    ask() {
      isStopped = false;
      if (isAsked) return;
      isAsked = true;
      const wait = lastAt + apartMs - performance.now();
      if (wait <= 0) frame(draw);
      else timer = setTimeout(() => frame(draw), wait);
    },
    stop() {
      clearTimeout(timer);
      isStopped = true;
      isAsked = false;
    },
  };
}

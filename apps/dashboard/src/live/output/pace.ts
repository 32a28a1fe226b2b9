// Joins changes to one drawing: at the next frame, and, while many come, not sooner than a moment after the last one.
// Nobody reads faster than that.

export interface Pace {
  ask(): void;
  /** As `ask`, but at the next frame: for what somebody waits for. */
  soon(): void;
  stop(): void;
}

export interface PaceOptions {
  /** Runs something at the next frame; a page that is hidden has none until it is seen again. */
  readonly frame: (run: () => void) => void;
  /** How long after a drawing the next one comes at the soonest, in milliseconds. */
  readonly apartMs: () => number;
  readonly run: () => void;
}

export function createPace({ frame, apartMs, run }: PaceOptions): Pace {
  let timer: ReturnType<typeof setTimeout> | undefined;
  let state: 'idle' | 'waiting' | 'framed' = 'idle';
  let isStopped = false;
  let lastAt = -Infinity;
  const draw = (): void => {
    state = 'idle';
    if (isStopped) return;
    lastAt = performance.now();
    run();
  };
  const soon = (): void => {
    isStopped = false;
    if (state === 'framed') return;
    clearTimeout(timer);
    state = 'framed';
    frame(draw);
  };
  return {
    ask() {
      isStopped = false;
      if (state !== 'idle') return;
      const wait = lastAt + apartMs() - performance.now();
      if (wait <= 0) return soon();
      state = 'waiting';
      timer = setTimeout(soon, wait);
    },
    soon,
    stop() {
      clearTimeout(timer);
      if (state === 'waiting') state = 'idle';
      isStopped = true;
    },
  };
}

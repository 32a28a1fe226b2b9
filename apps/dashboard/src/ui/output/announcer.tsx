// What a screen reader is told of an output: that it was paused, and, to somebody who stands in it, now and then how many
// lines are new. Never the lines themselves.

import { useEffect, useRef, useState, type ReactElement } from 'react';
import { counted } from '../../words/units.ts';

const everyMs = 15_000;

export function Announcer({
  isFollowing,
  arrived,
  box,
}: {
  readonly isFollowing: boolean;
  readonly arrived: number;
  readonly box: { readonly current: HTMLElement | null };
}): ReactElement {
  const [said, setSaid] = useState('');
  const latest = useRef(arrived);
  latest.current = arrived;
  useEffect(() => {
    if (!isFollowing) return undefined;
    let before = latest.current;
    const timer = setInterval(() => {
      const count = latest.current - before;
      before = latest.current;
      const isIn = box.current !== null && box.current === document.activeElement;
      setSaid(isIn && count > 0 ? counted(count, 'new line', 'new lines') : '');
    }, everyMs);
    return () => clearInterval(timer);
  }, [isFollowing, box]);
  return (
    <span className="sr" role="status">
      {isFollowing ? said : 'Paused'}
    </span>
  );
}

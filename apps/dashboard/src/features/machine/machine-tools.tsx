// How much time the charts of a machine show, and pause: in the bar, and on a phone above the charts.

import { useState, type ReactElement } from 'react';
import { Button } from '../../ui/button.tsx';
import { Icon } from '../../ui/icon.tsx';
import { Segments } from '../../ui/segments.tsx';
import { usePause } from './pause.tsx';

const ranges = [
  { value: '5', text: '5 min' },
  { value: '15', text: '15 min' },
] as const;

export interface MachineTools {
  readonly tools: ReactElement;
  readonly rangeMs: number;
}

export function useMachineTools(): MachineTools {
  const [range, setRange] = useState<'5' | '15'>('15');
  const { pausedAt, pause, goLive } = usePause();
  const isPaused = pausedAt !== undefined;
  const tools = (
    <>
      <Segments label="Range" options={ranges} value={range} onChange={setRange} />
      <Button onPress={isPaused ? goLive : pause}>
        <Icon name={isPaused ? 'play' : 'pause'} size={14} />
        {isPaused ? 'Go live' : 'Pause'}
      </Button>
    </>
  );
  return { tools, rangeMs: Number(range) * 60_000 };
}

// One choice of a few, side by side: a radio group that looks like a scale.

import type { ReactElement } from 'react';
import { Radio, RadioGroup } from 'react-aria-components/RadioGroup';
import styles from './segments.module.css';

export function Segments<Value extends string>({
  label,
  options,
  value,
  onChange,
}: {
  readonly label: string;
  readonly options: readonly { readonly value: Value; readonly text: string }[];
  readonly value: Value;
  readonly onChange: (value: Value) => void;
}): ReactElement {
  return (
    <RadioGroup
      className={styles.segments ?? ''}
      aria-label={label}
      orientation="horizontal"
      value={value}
      onChange={(chosen) => onChange(chosen as Value)}
    >
      {options.map((option) => (
        <Radio key={option.value} className={styles.segment ?? ''} value={option.value}>
          {option.text}
        </Radio>
      ))}
    </RadioGroup>
  );
}

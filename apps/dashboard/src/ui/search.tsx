// A field that narrows what is shown below it while one types. Escape empties it.

import type { ReactElement } from 'react';
import { Icon } from './icon.tsx';
import styles from './search.module.css';

export function Search({
  label,
  placeholder,
  value,
  onChange,
  onEnter,
}: {
  readonly label: string;
  readonly placeholder: string;
  readonly value: string;
  readonly onChange: (value: string) => void;
  /** Enter, or, back, Shift and Enter. */
  readonly onEnter?: (isBack: boolean) => void;
}): ReactElement {
  return (
    <div className={styles.search}>
      <Icon name="search" size={14} />
      <input
        type="search"
        aria-label={label}
        placeholder={placeholder}
        value={value}
        autoComplete="off"
        autoCapitalize="none"
        spellCheck={false}
        onChange={(event) => onChange(event.target.value)}
        onKeyDown={(event) => {
          if (event.key === 'Escape' && value !== '') onChange('');
          else if (event.key === 'Enter') onEnter?.(event.shiftKey);
        }}
      />
    </div>
  );
}

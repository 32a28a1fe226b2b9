// A labelled input with its hint and its error, and a choice of a few in the same dress.

import { useId, type ReactElement } from 'react';
import { Icon } from './icon.tsx';
import styles from './field.module.css';

export interface FieldProps {
  readonly label: string;
  readonly name: string;
  readonly type?: 'text' | 'password';
  readonly autoComplete: string;
  readonly hint?: string;
  readonly error?: string | undefined;
  readonly isRequired?: boolean;
  readonly autoFocus?: boolean;
  readonly defaultValue?: string;
  /** Held by who uses it, together with `onChange`. */
  readonly value?: string;
  readonly onChange?: (value: string) => void;
  /** Which keys a phone offers. */
  readonly inputMode?: 'numeric' | 'decimal';
}

export function Field(props: FieldProps): ReactElement {
  const { label, name, type = 'text', autoComplete, hint, error, isRequired = true, autoFocus, defaultValue } = props;
  const { value, onChange, inputMode } = props;
  const id = useId();
  const described = error !== undefined || hint !== undefined ? `${id}-said` : undefined;
  return (
    <div className={styles.field}>
      <label htmlFor={id}>{label}</label>
      <input
        className={styles.input}
        id={id}
        name={name}
        type={type}
        autoComplete={autoComplete}
        autoCapitalize="none"
        spellCheck={false}
        required={isRequired}
        // oxlint-disable-next-line jsx-a11y/no-autofocus -- the one thing this page is for
        autoFocus={autoFocus}
        inputMode={inputMode}
        defaultValue={defaultValue}
        value={value}
        onChange={onChange === undefined ? undefined : (event) => onChange(event.target.value)}
        aria-invalid={error === undefined ? undefined : true}
        aria-describedby={described}
      />
      {error !== undefined ? (
        <span className={styles.error} id={described}>
          <Icon name="octagon-alert" size={14} />
          {error}
        </span>
      ) : hint !== undefined ? (
        <span className={styles.hint} id={described}>
          {hint}
        </span>
      ) : null}
    </div>
  );
}

export function Choice({
  label,
  name,
  options,
  value,
  onChange,
  isLabelHidden = false,
  isDisabled = false,
}: {
  readonly label: string;
  readonly name: string;
  /** Values, or values with other words. */
  readonly options: readonly (string | { readonly value: string; readonly text: string })[];
  readonly value?: string;
  readonly onChange?: (value: string) => void;
  readonly isLabelHidden?: boolean;
  readonly isDisabled?: boolean;
}): ReactElement {
  const id = useId();
  return (
    <div className={styles.field}>
      <label htmlFor={id} className={isLabelHidden ? 'sr' : undefined}>
        {label}
      </label>
      <span className={styles.choice}>
        <select
          id={id}
          name={name}
          disabled={isDisabled}
          {...(value === undefined ? {} : { value })}
          onChange={(event) => onChange?.(event.target.value)}
        >
          {options.map((option) => {
            const [chosen, text] = typeof option === 'string' ? [option, option] : [option.value, option.text];
            return (
              <option key={chosen} value={chosen}>
                {text}
              </option>
            );
          })}
        </select>
        <Icon name="chevron-down" size={14} />
      </span>
    </div>
  );
}

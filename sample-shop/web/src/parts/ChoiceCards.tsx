import { useId } from 'react';
import type { ReactNode } from 'react';
import './choice-cards.css';

export interface Choice<T extends string> {
  value: T;
  label: ReactNode;
  detail?: ReactNode;
}

interface Props<T extends string> {
  legend: string;
  choices: readonly Choice<T>[];
  value: T | undefined;
  onChange: (value: T) => void;
  /** `cards` beside each other, `rows` below each other, `chips` for short words. */
  look?: 'cards' | 'rows' | 'chips';
}

/** One of several, as radio buttons: the arrow keys move, a screen reader says how many there are. */
export function ChoiceCards<T extends string>({
  legend,
  choices,
  value,
  onChange,
  look = 'cards',
}: Props<T>) {
  const name = useId();
  return (
    <fieldset className={`choices choices-${look}`}>
      <legend>{legend}</legend>
      <div className="choices-list">
        {choices.map((choice) => (
          <label key={choice.value} className="choice">
            <input
              type="radio"
              name={name}
              checked={choice.value === value}
              onChange={() => onChange(choice.value)}
            />
            <span className="choice-label">{choice.label}</span>
            {choice.detail !== undefined && <span className="choice-detail">{choice.detail}</span>}
          </label>
        ))}
      </div>
    </fieldset>
  );
}

import { useId } from 'react';
import type { ReactNode, Ref } from 'react';
import './panel.css';

interface Props {
  title: ReactNode;
  /** Beside the title. */
  aside?: ReactNode;
  headingRef?: Ref<HTMLHeadingElement>;
  className?: string;
  id?: string;
  children: ReactNode;
}

/** One part of the page, found by its heading. The heading can be given the focus. */
export function Panel({ title, aside, headingRef, className = '', id, children }: Props) {
  const heading = useId();
  return (
    <section id={id} className={`panel ${className}`} aria-labelledby={heading}>
      <header className="panel-head">
        <h2 id={heading} ref={headingRef} tabIndex={-1}>
          {title}
        </h2>
        {aside}
      </header>
      {children}
    </section>
  );
}

import type { ReactNode } from 'react';
import './status-pill.css';

export type Tone = 'good' | 'busy' | 'bad' | 'plain';

/** A state in a word; its tone is a help to the eye, never the only sign. */
export function StatusPill({ tone, children }: { tone: Tone; children: ReactNode }) {
  return <span className={`pill pill-${tone}`}>{children}</span>;
}

import type { Tone } from '../parts/StatusPill.tsx';
import type { DeliveryKind, SenderKind } from './flows.ts';

/** A sign and a tone: one tells what happened without seeing colours. */
interface Mark {
  sign: string;
  tone: Tone;
}

export const SENDER_MARKS: Record<SenderKind, Mark> = {
  sent: { sign: '→', tone: 'plain' },
  half: { sign: '◐', tone: 'busy' },
  committed: { sign: '●', tone: 'good' },
  'rolled back': { sign: '↩', tone: 'bad' },
  cancelled: { sign: '⊘', tone: 'plain' },
};

export const DELIVERY_MARKS: Record<DeliveryKind, Mark> = {
  consumed: { sign: '✓', tone: 'good' },
  retried: { sign: '↻', tone: 'busy' },
  dead: { sign: '✕', tone: 'bad' },
};

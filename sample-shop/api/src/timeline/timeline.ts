/** What happened to a message. */
export const TIMELINE_KINDS = [
  'sent',
  'half',
  'committed',
  'rolled back',
  'consumed',
  'retried',
  'dead',
  'cancelled',
] as const;
export type TimelineKind = (typeof TIMELINE_KINDS)[number];

/** One thing that happened to a message of an order. */
export interface TimelineEntry {
  readonly topic: string;
  readonly tag: string;
  readonly key: string;
  readonly msgId: string;
  readonly kind: TimelineKind;
  /** Who consumed, or sent it. */
  readonly group: string;
  /** 1 the first time. */
  readonly attempt: number;
  /** ISO 8601. */
  readonly time: string;
}

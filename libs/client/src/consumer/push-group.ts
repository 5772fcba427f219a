import type { ConsumerGroup } from './consumer-group.ts';
import type { ConsumeSettings } from './consumer-options.ts';

/** What the parts of one running push consumer share. */
export interface PushGroup extends ConsumerGroup {
  readonly settings: ConsumeSettings;
  /** Whether a queue is consumed in order: one call at a time, under a lock at the broker where members share. */
  readonly orderly: boolean;
}

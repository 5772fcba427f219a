import type { ConsumeSettings } from './consumer-options.ts';
import type { ProcessQueue } from './process-queue.ts';

const MiB = 1024 * 1024;

/** How much of a queue may wait here before it is pulled again. */
export type PullThresholds = Pick<
  ConsumeSettings,
  | 'pullThresholdForQueue'
  | 'pullThresholdSizeForQueue'
  | 'pullThresholdForTopic'
  | 'pullThresholdSizeForTopic'
  | 'consumeConcurrentlyMaxSpan'
>;

/**
 * Whether so much of a queue waits that it is not pulled for now (`DefaultMQPushConsumerImpl.pullMessage`).
 * @param queues all that are ours: those of the topic share its thresholds
 * @param spanCounts whether the distance of the first from the last message counts, too; in order it never does
 */
export function isOverThreshold(
  queue: ProcessQueue,
  thresholds: PullThresholds,
  queues: ReadonlyMap<string, ProcessQueue>,
  spanCounts: boolean,
): boolean {
  let maxCount = thresholds.pullThresholdForQueue;
  let maxMiB = thresholds.pullThresholdSizeForQueue;
  if (thresholds.pullThresholdForTopic > 0 || thresholds.pullThresholdSizeForTopic > 0) {
    let ours = 0;
    for (const other of queues.values()) if (other.queue.topic === queue.queue.topic) ours++;
    const share = (limit: number, fallback: number): number =>
      limit > 0 ? Math.max(1, Math.floor(limit / Math.max(1, ours))) : fallback;
    maxCount = share(thresholds.pullThresholdForTopic, maxCount);
    maxMiB = share(thresholds.pullThresholdSizeForTopic, maxMiB);
  }
  return (
    queue.count >= maxCount ||
    queue.bytes >= maxMiB * MiB ||
    (spanCounts && queue.span > thresholds.consumeConcurrentlyMaxSpan)
  );
}

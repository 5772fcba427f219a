import type { Clock } from '@nest-rocketmq/runtime';
import type { BrokerContext } from '../broker-context.ts';

/** What POP stands on. */
export interface PopParts extends Pick<
  BrokerContext,
  | 'config'
  | 'clock'
  | 'logger'
  | 'tick'
  | 'store'
  | 'topics'
  | 'subscriptionGroups'
  | 'consumerOffsets'
  | 'delayDetour'
  | 'timerDelivery'
  | 'storeHost'
> {
  /** The time that invisible messages wait by: the store's. */
  readonly storeClock: Clock;
}

/** The tags that tell the records of the revive log apart (PopAckConstants). */
export const ReviveTag = { CHECK_POINT: 'ck', ACK: 'ack', BATCH_ACK: 'bAck' } as const;

/** The group whose offsets say how far the revive log has been worked off (PopAckConstants.REVIVE_GROUP). */
export const REVIVE_GROUP = 'CID_RMQ_SYS_REVIVE_GROUP';

/** A check point comes out of the timer this much before its messages' time is over, in milliseconds. */
export const ACK_TIME_INTERVAL = 1000;

/** How many messages a pop hands out at most. */
export const MAX_POP_NUMS = 32;

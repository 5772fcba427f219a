import type { MessageQueue } from '../../message/message.ts';

/** Says which queues of a topic belong to which member of a group. All members must use the same one. */
export interface AllocateMessageQueueStrategy {
  /** The name consoles and brokers know it by. */
  readonly name: string;
  /**
   * Says which queues one member has.
   * @param group the consumer group
   * @param clientId the member whose queues are asked for; it is one of `clientIds`
   * @param queues all queues of the topic, sorted
   * @param clientIds all members of the group, sorted
   */
  allocate(
    group: string,
    clientId: string,
    queues: readonly MessageQueue[],
    clientIds: readonly string[],
  ): MessageQueue[];
}

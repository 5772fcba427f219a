import { MQVersion, type Message } from '@nest-rocketmq/client';
import { RocketMQError } from '@nest-rocketmq/runtime';
import { DELAY_LEVELS, delayLevelMs } from './delay.ts';
import type { TemplateProducer } from './template-connection.ts';

/** Whether a message waits for a timer, which brokers have from 5.0 on. */
export function needsTimer(message: Message): boolean {
  return message.delayTimeMs !== undefined || message.deliverTimeMs !== undefined;
}

/**
 * Makes sure that the brokers of a message's topic have timers: a 4.x broker would deliver it at once.
 * @throws RocketMQError `INVALID_ARGUMENT` that says what such a broker can do instead; `NO_ROUTE` or `NO_BROKER`
 */
export async function checkTimers(producer: TemplateProducer, message: Message): Promise<void> {
  for (const [brokerName, version] of await producer.fetchBrokerVersions(message.topic)) {
    if (version >= MQVersion.V5_0_0) continue;
    const wanted =
      message.delayTimeMs === undefined
        ? 'a time to deliver at'
        : `a delay of ${message.delayTimeMs} ms that is none of its levels, or can be recalled`;
    throw new RocketMQError(
      'INVALID_ARGUMENT',
      `The message for topic ${message.topic} was not sent: ${wanted} needs a timer, which the broker ${brokerName}, older ` +
        `than 5.0, doesn't have. It can delay by exactly ${levels()}`,
    );
  }
}

function levels(): string {
  return Array.from({ length: DELAY_LEVELS }, (_, index) => {
    const seconds = delayLevelMs(index + 1) / 1000;
    if (seconds < 60) return `${seconds}s`;
    return seconds < 3600 ? `${seconds / 60}m` : `${seconds / 3600}h`;
  }).join(' ');
}

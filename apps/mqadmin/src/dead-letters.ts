import { Option } from 'commander';
import type { DeadLetter, DeadLetterFilter, QueueOffset } from '@nest-rocketmq/client';
import { RocketMQError } from '@nest-rocketmq/runtime';
import { count, time } from './values.ts';

/** Which dead letters a command is about. */
export interface DeadLetterOptions {
  readonly consumerGroup: string;
  readonly topic?: string;
  readonly tag?: string;
  readonly msgKey?: string;
  readonly msgId?: string;
  readonly reason?: string;
  readonly rejectedBy?: string;
  readonly beginTimestamp?: number;
  readonly endTimestamp?: number;
  readonly maxNum?: number;
}

export const groupOption = (): Option =>
  new Option('-g, --consumerGroup <group>', 'the group that gave them up').makeOptionMandatory();

/** The options that tell which of a group's dead letters are meant. */
export function filterOptions(): Option[] {
  return [
    groupOption(),
    new Option('-t, --topic <topic>', 'only those that were sent to this topic'),
    new Option('--tag <tag>', 'only those of this tag'),
    new Option('-k, --msgKey <key>', 'only those with this key'),
    new Option('-i, --msgId <id>', "only those with this id: the producer's or a broker's"),
    new Option('-r, --reason <text>', 'only those whose reason has this text'),
    new Option('--rejectedBy <handler>', "only those of this handler, as 'StockListener.take'"),
    new Option('-b, --beginTimestamp <time>', 'only those given up since then').argParser(time),
    new Option('-e, --endTimestamp <time>', 'only those given up before then').argParser(time),
  ];
}

/** `-m`, as queryMsgByKey has it. */
export function maxNumOption(description: string): Option {
  return new Option('-m, --maxNum <number>', description).argParser(count);
}

export function filterOf(options: DeadLetterOptions): DeadLetterFilter {
  const { topic, tag, msgKey, msgId, reason, rejectedBy, beginTimestamp, endTimestamp } = options;
  return { topic, tag, key: msgKey, msgId, reason, rejectedBy, from: beginTimestamp, until: endTimestamp };
}

/** A dead letter as programs read it, without its body and properties. */
export function summary(letter: DeadLetter): Record<string, unknown> {
  const { group, message, msgId, originMessageId, topic, tag, keys, reason, rejectedBy, attempts } = letter;
  return {
    group,
    msgId,
    originMessageId,
    topic,
    tag,
    keys,
    reason,
    rejectedBy,
    attempts,
    diedAt: new Date(letter.diedAt).toISOString(),
    queueId: message.queueId,
    queueOffset: message.queueOffset,
  };
}

/** Where a replay goes on, as one word for the command line: `broker-a:0:17,broker-b:0:3`. */
export function positionText(position: readonly QueueOffset[]): string {
  return position.map(({ queue, offset }) => `${queue.brokerName}:${queue.queueId}:${offset}`).join(',');
}

/** The other way. @throws RocketMQError `INVALID_ARGUMENT` when it is none */
export function positionOf(text: string, topic: string): QueueOffset[] {
  return text.split(',').map((part) => {
    const [, brokerName = '', queueId = '', offset = ''] = /^(.+):(\d+):(\d+)$/.exec(part) ?? [];
    if (brokerName === '') {
      throw new RocketMQError(
        'INVALID_ARGUMENT',
        `--position ${text}: it is what a replay printed, like broker-a:0:17`,
      );
    }
    return { queue: { topic, brokerName, queueId: Number(queueId) }, offset: Number(offset) };
  });
}

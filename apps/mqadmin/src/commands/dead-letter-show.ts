import { isUtf8 } from 'node:buffer';
import { Option } from 'commander';
import { DeadLetterQueue, type DeadLetter } from '@nest-rocketmq/client';
import { RocketMQError } from '@nest-rocketmq/runtime';
import type { AdminCommand } from '../command.ts';
import { groupOption, summary } from '../dead-letters.ts';
import type { Output } from '../output.ts';
import { timeText } from '../values.ts';

interface ShowOptions {
  readonly consumerGroup: string;
  readonly msgId: string;
}

/** Shows one dead letter whole. */
const deadLetterShow: AdminCommand<ShowOptions> = {
  name: 'deadLetterShow',
  description: 'Show a dead letter: its reason, its properties, its body',
  options: [
    groupOption(),
    new Option('-i, --msgId <id>', "its id: the producer's or a broker's").makeOptionMandatory(),
  ],

  async run({ consumerGroup, msgId }, session) {
    const { output, signal } = session;
    const queue = new DeadLetterQueue(consumerGroup, { admin: await session.admin() });
    for await (const letter of queue.read({ msgId, limit: 1, signal })) {
      show(letter, output);
      return;
    }
    throw new RocketMQError('INVALID_ARGUMENT', `the group ${consumerGroup} has no dead letter ${msgId}`);
  },
};

export default deadLetterShow;

function show(letter: DeadLetter, output: Output): void {
  const { message, attempts, rejectedBy, reason } = letter;
  const body = bodyText(message.body);
  output.fields([
    ['Message ID', letter.msgId],
    ['Origin Message ID', letter.originMessageId ?? ''],
    ['Topic', letter.topic ?? ''],
    ['Tag', letter.tag ?? ''],
    ['Keys', `[${letter.keys.join(', ')}]`],
    ['Reason', reason ?? '(its consumer gave none)'],
    ['Rejected By', rejectedBy ?? ''],
    ['Attempts', attempts],
    ['Died At', timeText(letter.diedAt)],
    ['Born Timestamp', timeText(message.bornTimestamp)],
    ['Queue ID', message.queueId],
    ['Queue Offset', message.queueOffset],
    ['Properties', `{${[...message.properties].map(([name, value]) => `${name}=${value}`).join(', ')}}`],
    ['Body', body.text ?? `${message.body.length} bytes that are no text; --format json has them`],
  ]);
  output.document({ ...summary(letter), properties: Object.fromEntries(message.properties), body });
}

function bodyText(body: Buffer): { text: string } | { text?: undefined; base64: string } {
  return isUtf8(body) ? { text: body.toString() } : { base64: body.toString('base64') };
}

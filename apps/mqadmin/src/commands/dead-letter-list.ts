import { DeadLetterQueue } from '@nest-rocketmq/client';
import type { AdminCommand } from '../command.ts';
import { filterOf, filterOptions, maxNumOption, summary, type DeadLetterOptions } from '../dead-letters.ts';
import { timeText } from '../values.ts';

/** Lists what a consumer group gave up. */
const deadLetterList: AdminCommand<DeadLetterOptions> = {
  name: 'deadLetterList',
  description: 'List the dead letters of a consumer group, and why each is one',
  options: [...filterOptions(), maxNumOption('at most so many').default(100)],

  async run(options, session) {
    const { output, signal } = session;
    const queue = new DeadLetterQueue(options.consumerGroup, { admin: await session.admin() });
    const letters: unknown[] = [];
    const row = output.table([
      ['Died At', 23],
      ['Message ID', 32],
      ['Topic', 20],
      ['Tag', 10],
      ['Keys', 16],
      ['Attempts', 9],
      ['Reason', 0],
    ]);
    for await (const letter of queue.read({ ...filterOf(options), limit: options.maxNum, signal })) {
      const { diedAt, msgId, topic = '', tag = '', keys, attempts, reason = '' } = letter;
      if (output.json) letters.push(summary(letter));
      else row([timeText(diedAt), msgId, topic, tag, keys.join(' '), attempts, reason]);
    }
    output.document(letters);
  },
};

export default deadLetterList;

import { Option } from 'commander';
import {
  DeadLetterQueue,
  type DeadLetter,
  type ReplayReport,
  type ReplayTarget,
} from '@nest-rocketmq/client';
import { RocketMQError } from '@nest-rocketmq/runtime';
import type { AdminCommand } from '../command.ts';
import {
  filterOf,
  filterOptions,
  maxNumOption,
  positionOf,
  positionText,
  summary,
  type DeadLetterOptions,
} from '../dead-letters.ts';
import type { Output } from '../output.ts';
import { rate } from '../values.ts';

interface ReplayOptions extends DeadLetterOptions {
  readonly to: ReplayTarget;
  readonly rate: number;
  readonly dryRun?: boolean;
  readonly keepGoing?: boolean;
  readonly position?: string;
}

/** Sends what a consumer group gave up again. */
const deadLetterReplay: AdminCommand<ReplayOptions> = {
  name: 'deadLetterReplay',
  description: 'Send dead letters again, to their topic of origin or to the group alone',
  options: [
    ...filterOptions(),
    maxNumOption('at most so many (default: all)'),
    new Option('--to <where>', 'topic: all its groups get them; group: the one that gave them up')
      .choices(['topic', 'group'])
      .default('topic'),
    new Option('--rate <number>', 'how many a second').argParser(rate).default(100),
    new Option('-d, --dryRun', 'send nothing: print what would be sent'),
    new Option('--keepGoing', 'go on after one that cannot be sent'),
    new Option('--position <position>', 'go on where a replay ended, as it printed it'),
  ],

  async run(options, session) {
    const { consumerGroup, to, dryRun = false, keepGoing, position, maxNum } = options;
    const { output, signal } = session;
    const admin = await session.admin();
    const producer = dryRun ? undefined : await session.producer();
    const row = output.table([
      ['Message ID', 32],
      ['Topic', 20],
      ['Tag', 10],
      ['Keys', 16],
      [dryRun ? 'Would Be Sent To' : 'Result', 0],
    ]);
    const print = (letter: DeadLetter, result: string): void => {
      row([letter.msgId, letter.topic ?? '', letter.tag ?? '', letter.keys.join(' '), result]);
    };
    const report = await new DeadLetterQueue(consumerGroup, { admin, producer }).replay({
      ...filterOf(options),
      limit: maxNum,
      to,
      rate: options.rate,
      dryRun,
      keepGoing,
      signal,
      ...(position !== undefined && { position: positionOf(position, `%DLQ%${consumerGroup}`) }),
      onReplay: (letter, result) => {
        const target = to === 'topic' ? (letter.topic ?? '') : `group ${consumerGroup}`;
        print(letter, dryRun ? target : (result?.sendStatus ?? ''));
      },
    });
    for (const { letter, error } of report.failed) print(letter, messageOf(error));
    finish(report, output);
  },
};

export default deadLetterReplay;

/** Prints how it ended. @throws RocketMQError when that is not well */
function finish(report: ReplayReport, output: Output): void {
  const { replayed, dryRun, failed, stopped, next, topics } = report;
  output.line(`${replayed} ${dryRun ? 'would be sent' : 'sent'}, ${failed.length} failed`);
  if (!dryRun && next.length > 0) output.line(`to go on behind them: --position ${positionText(next)}`);
  output.document({
    dryRun,
    replayed,
    topics: Object.fromEntries(topics),
    failed: failed.map(({ letter, error }) => ({ ...summary(letter), error: messageOf(error) })),
    stopped,
    position: dryRun ? undefined : positionText(next),
  });
  if (stopped === 'aborted') throw new RocketMQError('ABORTED', 'interrupted: not all were looked at');
  if (failed.length > 0) {
    const more = stopped === 'failed' ? '; those behind it were not looked at (--keepGoing)' : '';
    throw new RocketMQError('REMOTE', `${failed.length} could not be sent${more}`);
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

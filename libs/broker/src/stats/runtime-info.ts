import { MQVersion, versionName } from '@nest-rocketmq/protocol';
import type { BrokerContext } from '../broker-context.ts';
import type { Rates } from './broker-stats.ts';

/**
 * The runtime table (AdminBrokerProcessor.prepareRuntimeInfo): the store's own numbers and the broker's. Where Java
 * counts the queues of its thread pools, what waits here is counted: answers for the disk, pulls for messages.
 */
export function runtimeInfo(broker: BrokerContext): Map<string, string> {
  const { stats, acknowledgements, heldPulls } = broker;
  const table = new Map(broker.store.runtimeInfo());
  const put = (key: string, value: string | number): void => void table.set(key, String(value));
  for (const [key, value] of broker.delayedDelivery.runtimeInfo()) put(key, value);
  for (const [key, value] of broker.timerDelivery?.runtimeInfo() ?? []) put(key, value);
  put('brokerActive', 'true');
  put('brokerVersion', MQVersion.CURRENT);
  put('brokerVersionDesc', versionName(MQVersion.CURRENT));
  put('bootTimestamp', broker.bootTimestamp);
  put('runtime', humanDuration(broker.clock.now() - broker.bootTimestamp));
  put('startAcceptSendRequestTimeStamp', broker.config.startAcceptSendRequestTimeStamp);
  put('msgPutTotalYesterdayMorning', stats.putAtYesterdayMorning);
  put('msgPutTotalTodayMorning', stats.putAtTodayMorning);
  put('msgPutTotalTodayNow', stats.putTimes);
  put('msgGetTotalYesterdayMorning', stats.getAtYesterdayMorning);
  put('msgGetTotalTodayMorning', stats.getAtTodayMorning);
  put('msgGetTotalTodayNow', stats.transferred);
  put('putMessageTimesTotal', stats.putTimes);
  put('putMessageFailedTimes', stats.putFailures);
  put('putMessageSizeTotal', stats.putBytes);
  put('putMessageAverageSize', stats.putTimes === 0 ? 0 : stats.putBytes / stats.putTimes);
  put('putTps', text(stats.putTps()));
  put('getFoundTps', text(stats.getFoundTps()));
  put('getMissTps', text(stats.getMissTps()));
  put('getTotalTps', text(stats.getTotalTps()));
  // 4.x tools read the misspelt key, 5.x tools the right one.
  put('getTransferedTps', text(stats.getTransferredTps()));
  put('getTransferredTps', text(stats.getTransferredTps()));
  put('sendThreadPoolQueueSize', acknowledgements.pending);
  put('pullThreadPoolQueueSize', heldPulls.size);
  for (const key of ZEROS) if (!table.has(key)) put(key, 0);
  for (const key of ZERO_RATES) if (!table.has(key)) put(key, '0.0');
  return table;
}

/** What tools expect to be there and parse as a number, and what can't wait here. */
const ZEROS = [
  'pageCacheLockTimeMills',
  'dispatchBehindBytes',
  'sendThreadPoolQueueHeadWaitTimeMills',
  'pullThreadPoolQueueHeadWaitTimeMills',
  'litePullThreadPoolQueueHeadWaitTimeMills',
  'queryThreadPoolQueueHeadWaitTimeMills',
  'litePullThreadPoolQueueSize',
  'queryThreadPoolQueueSize',
  'EndTransactionQueueSize',
  'earliestMessageTimeStamp',
  'timerReadBehind',
  'timerOffsetBehind',
  'timerCongestNum',
];
const ZERO_RATES = ['timerEnqueueTps', 'timerDequeueTps', 'commitLogDiskRatio', 'consumeQueueDiskRatio'];

function text(rates: Rates): string {
  return rates.join(' ');
}

function humanDuration(milliseconds: number): string {
  const seconds = Math.floor(milliseconds / 1000);
  const days = Math.floor(seconds / 86_400);
  const hours = Math.floor(seconds / 3600) % 24;
  return `[ ${days} days, ${hours} hours, ${Math.floor(seconds / 60) % 60} minutes, ${seconds % 60} seconds ]`;
}

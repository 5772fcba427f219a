/** Under which keys the two forms of a send carry their fields. */
export interface SendKeys {
  readonly topic: string;
  readonly defaultTopic: string;
  readonly defaultTopicQueueNums: string;
  readonly queueId: string;
  readonly sysFlag: string;
  readonly bornTimestamp: string;
  readonly flag: string;
  readonly properties: string;
  readonly reconsumeTimes: string;
  readonly unitMode: string;
  readonly maxReconsumeTimes: string;
  readonly batch: string;
}

/** SEND_MESSAGE (10). */
export const LONG_SEND_KEYS: SendKeys = {
  topic: 'topic',
  defaultTopic: 'defaultTopic',
  defaultTopicQueueNums: 'defaultTopicQueueNums',
  queueId: 'queueId',
  sysFlag: 'sysFlag',
  bornTimestamp: 'bornTimestamp',
  flag: 'flag',
  properties: 'properties',
  reconsumeTimes: 'reconsumeTimes',
  unitMode: 'unitMode',
  maxReconsumeTimes: 'maxReconsumeTimes',
  batch: 'batch',
};

/** SEND_MESSAGE_V2 (310) and SEND_BATCH_MESSAGE (320). */
export const SHORT_SEND_KEYS: SendKeys = {
  topic: 'b',
  defaultTopic: 'c',
  defaultTopicQueueNums: 'd',
  queueId: 'e',
  sysFlag: 'f',
  bornTimestamp: 'g',
  flag: 'h',
  properties: 'i',
  reconsumeTimes: 'j',
  unitMode: 'k',
  maxReconsumeTimes: 'l',
  batch: 'm',
};

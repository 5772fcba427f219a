import type { GoldenCase } from '../recorder.ts';

const hex = (text: string): string => Buffer.from(text, 'utf8').toString('hex');

const record = {
  topic: 'order',
  queueId: 3,
  flag: 0,
  queueOffset: 41,
  physicalOffset: 4_294_967_296,
  sysFlag: 0,
  bornTimestamp: 1_700_000_000_123,
  bornHost: '10.0.0.7:50123',
  storeTimestamp: 1_700_000_000_125,
  storeHost: '10.0.0.1:10911',
  reconsumeTimes: 0,
  preparedTransactionOffset: 0,
  body: hex('hello'),
  properties: { UNIQ_KEY: '0A0000071B2C18B4AAC2031D8F4A0000', TAGS: 'created', KEYS: 'K1 K2', WAIT: 'true' },
};

const records: Record<string, Record<string, unknown>> = {
  'a record': record,
  'a record without properties': { ...record, properties: {} },
  'a record with text beyond ASCII': {
    ...record,
    body: hex('订单 😀'),
    properties: { TAGS: 'créé', who: '订单😀' },
  },
  'a retried record': { ...record, topic: '%RETRY%stock-service', reconsumeTimes: 2, flag: -1 },
  'a half record': { ...record, sysFlag: 4, preparedTransactionOffset: 77 },
  'a record of a compressed body': { ...record, sysFlag: 0x301 },
  'a record born at an IPv6 host': { ...record, sysFlag: 0x10, bornHost: '2001:db8::7:50123' },
  'a record stored at an IPv6 host': { ...record, sysFlag: 0x20, storeHost: '2001:db8::1:10911' },
  'a record of IPv6 hosts': {
    ...record,
    sysFlag: 0x30,
    bornHost: '2001:db8::7:50123',
    storeHost: '2001:db8::1:10911',
  },
  'a record of the longest V1 topic': { ...record, topic: 't'.repeat(127) },
};

const batches: Record<string, Record<string, unknown>[]> = {
  'a batch of one': [{ flag: 0, body: hex('one'), properties: { UNIQ_KEY: 'A' } }],
  'a batch of three': [
    { flag: 0, body: hex('one'), properties: { UNIQ_KEY: 'A', TAGS: 'x' } },
    { flag: 7, body: '', properties: {} },
    { flag: -1, body: hex('三'), properties: { KEYS: 'k1 k2' } },
  ],
};

const texts = [
  '',
  'a',
  'created',
  'TagA || TagB',
  '*',
  '订单',
  '😀',
  'AaAaAaAa',
  'BBBBBBBB',
  'polygenelubricants',
  'é'.repeat(40),
];

const names = [
  'order',
  '%RETRY%stock-service',
  '',
  ' ',
  '../x',
  'a b',
  'a.b',
  'a|b%c_d-e',
  '订单',
  't'.repeat(127),
  't'.repeat(128),
  'TBW102',
  'SCHEDULE_TOPIC_XXXX',
  'DEFAULT_CONSUMER',
  'g'.repeat(120),
  'g'.repeat(121),
  'g'.repeat(255),
  'g'.repeat(256),
];

const shown = (text: string): string =>
  text.length > 24 ? `${text.slice(0, 8)}... of ${text.length}` : text;

/** Message records, batch bodies, ids, property strings, checksums. */
export const messageCases: GoldenCase[] = [
  ...Object.entries(records).map(([name, inputs]) => ({ name, kind: 'record' as const, inputs })),
  ...Object.entries(batches).map(([name, messages]) => ({
    name,
    kind: 'batch' as const,
    inputs: { messages },
  })),
  ...['10.0.0.1:10911', '2001:db8::1:10911'].flatMap((storeHost) =>
    [0, 4_294_967_296, 9_007_199_254_740_991].map((physicalOffset) => ({
      name: `id of the message at ${physicalOffset} of ${storeHost}`,
      kind: 'messageId' as const,
      inputs: { storeHost, physicalOffset },
    })),
  ),
  ...Object.entries({
    'no properties': {},
    'one property': { TAGS: 'created' },
    'several properties': { TAGS: 'created', KEYS: 'K1 K2', WAIT: 'true', who: '订单😀' },
    'an empty value': { a: '', b: 'c' },
  }).map(([name, properties]) => ({ name, kind: 'properties' as const, inputs: { properties } })),
  ...['', 'hello', 'a'.repeat(300), '订单'].map((text) => ({
    name: `checksum of "${shown(text)}"`,
    kind: 'crc32' as const,
    inputs: { body: hex(text) },
  })),
];

/** What RocketMQ decides about texts: tag hash codes, subscriptions, names. */
export const textCases: GoldenCase[] = [
  ...texts.map((text) => ({
    name: `hash code of "${shown(text)}"`,
    kind: 'hashCode' as const,
    inputs: { text },
  })),
  ...['*', '', 'a', 'created || paid', ' a||b ||  a ', 'a b'].map((expression) => ({
    name: `subscription to "${expression}"`,
    kind: 'subscription' as const,
    inputs: { topic: 'order', expression, type: 'TAG', subVersion: 1_700_000_000_000 },
  })),
  {
    name: 'subscription by SQL92',
    kind: 'subscription',
    inputs: { topic: 'order', expression: "a > 5 AND b = 'x'", type: 'SQL92', subVersion: 1_700_000_000_000 },
  },
  ...names.map((name) => ({
    name: `topic name "${shown(name)}"`,
    kind: 'topicCheck' as const,
    inputs: { name },
  })),
  ...names.map((name) => ({
    name: `group name "${shown(name)}"`,
    kind: 'groupCheck' as const,
    inputs: { name },
  })),
];

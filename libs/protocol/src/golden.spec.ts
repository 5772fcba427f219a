import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import * as protocol from './index.ts';
import type { BodyCodec, HeaderCodec } from './index.ts';

// Bytes that RocketMQ's own Java classes wrote, recorded by test/interop.
interface GoldenEntry {
  kind: string;
  inputs: Record<string, unknown>;
  hex: string;
  text?: string;
  version: string;
  absent?: string[];
}

function golden(area: string, kind: string): [name: string, entry: GoldenEntry][] {
  const file = new URL(`../../../test/interop/golden/${area}.json`, import.meta.url);
  const entries = Object.entries(JSON.parse(readFileSync(file, 'utf8')) as Record<string, GoldenEntry>);
  return entries.filter(([, entry]) => entry.kind === kind);
}

/** Those of one version, whose form is the one we write. */
function by(
  version: string,
  entries: [name: string, entry: GoldenEntry][],
): [name: string, entry: GoldenEntry][] {
  return entries.filter(([, entry]) => entry.version.includes(version));
}

const bytesOf = (entry: GoldenEntry): Buffer => Buffer.from(entry.hex, 'hex');

/** What can be expected of a decoded value: the inputs without the fields that version of the class does not have. */
function expected(entry: GoldenEntry): object {
  const absent = new Set((entry.absent ?? []).map((field) => field.slice(field.indexOf('.') + 1)));
  const strip = (value: unknown): unknown => {
    if (Array.isArray(value)) return unordered(value.map(strip));
    if (typeof value !== 'object' || value === null) return value;
    const kept = Object.entries(value).filter(([key]) => !absent.has(key));
    return Object.fromEntries(kept.map(([key, item]) => [key, strip(item)]));
  };
  return strip(entry.inputs['value']) as object;
}

/** Lists of texts are mostly sets in Java, whose order means nothing. */
function unordered(list: unknown[]): unknown[] {
  return list.every((item) => typeof item === 'string') ? list.toSorted() : list;
}

/** The same JSON with the members of objects sorted: in Java their order is that of a hash map. */
function sortMembers(json: string): string {
  return protocol.stringifyJson(protocol.parseJson(json));
}

/** Maps as plain objects and whatever is beyond 2^53 as text, as the inputs are written. */
function plain(value: unknown): unknown {
  if (value instanceof Map)
    return Object.fromEntries([...value].map(([key, item]) => [String(key), plain(item)]));
  if (Array.isArray(value)) return unordered(value.map(plain));
  if (typeof value === 'number' && value === 2 ** 63) return '9223372036854775807';
  if (typeof value === 'object' && value !== null) {
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, plain(item)]));
  }
  return value;
}

interface CommandInputs {
  code: number;
  opaque: number;
  version: number;
  flag: number;
  language?: string;
  remark?: string;
  extFields?: Record<string, string>;
  body?: string;
  serializeType: 'JSON' | 'ROCKETMQ';
}

const commandCases = golden('command', 'command');

describe('commands', () => {
  it.each(commandCases)('reads and writes %s', (_name, entry) => {
    const inputs = entry.inputs as unknown as CommandInputs;
    const command = protocol.decodeFrame(bytesOf(entry));
    expect(command).toMatchObject({
      code: inputs.serializeType === 'JSON' ? inputs.code : (inputs.code << 16) >> 16,
      opaque: inputs.opaque,
      version: inputs.version,
      flag: inputs.flag,
      language: inputs.language ?? 'JAVA',
      serializeType: inputs.serializeType === 'JSON' ? 0 : 1,
    });
    expect(command.remark ?? '').toBe(inputs.remark ?? '');
    expect(command.body.toString('hex')).toBe(inputs.body ?? '');
    expect(plain(command.extFields)).toMatchObject(inputs.extFields ?? {});
    const again = protocol.decodeFrame(protocol.encodeCommand(command));
    expect(again).toEqual(command);
  });

  const codecOfClass = new Map<string, HeaderCodec<unknown>>(
    Object.entries({
      SendMessageRequestHeader: protocol.SendMessage.request,
      SendMessageRequestHeaderV2: protocol.SendMessageV2.request,
      SendMessageResponseHeader: protocol.SendMessageV2.response,
      PullMessageRequestHeader: protocol.PullMessage.request,
      PullMessageResponseHeader: protocol.PullMessage.response,
      RegisterBrokerRequestHeader: protocol.RegisterBroker.request,
      RegisterBrokerResponseHeader: protocol.RegisterBroker.response,
      GetRouteInfoRequestHeader: protocol.GetRouteInfoByTopic.request,
      ConsumerSendMsgBackRequestHeader: protocol.ConsumerSendMsgBack.request,
      UpdateConsumerOffsetRequestHeader: protocol.UpdateConsumerOffset.request,
      QueryConsumerOffsetRequestHeader: protocol.QueryConsumerOffset.request,
      SearchOffsetRequestHeader: protocol.SearchOffsetByTimestamp.request,
      GetMaxOffsetRequestHeader: protocol.GetMaxOffset.request,
      QueryMessageRequestHeader: protocol.QueryMessage.request,
      EndTransactionRequestHeader: protocol.EndTransaction.request,
      UnregisterClientRequestHeader: protocol.UnregisterClient.request,
      CreateTopicRequestHeader: protocol.UpdateAndCreateTopic.request,
    }),
  );

  it.each(commandCases.filter(([, entry]) => 'header' in entry.inputs))(
    'types the fields of %s',
    (_name, entry) => {
      const { header, fields } = entry.inputs as { header: string; fields: Record<string, unknown> };
      const command = protocol.decodeFrame(bytesOf(entry));
      const codec = codecOfClass.get(header);
      const encoded = codec?.encode(codec.decode(command)) ?? new Map<string, string>();
      // Fields that Java leaves out may have defaults here, which are written.
      expect(plain(encoded)).toMatchObject(plain(command.extFields) as object);
      const absent = new Set((entry.absent ?? []).map((field) => field.slice(field.indexOf('.') + 1)));
      const given = Object.entries(fields).filter(([key]) => !absent.has(key));
      expect(plain(encoded)).toMatchObject(
        Object.fromEntries(given.map(([key, value]) => [key, String(value)])),
      );
    },
  );
});

const codecs = protocol as unknown as Record<string, BodyCodec<unknown>>;

function codecOf(entry: GoldenEntry): BodyCodec<unknown> {
  const codec = codecs[entry.inputs['class'] as string];
  if (codec === undefined) throw new Error(`no codec ${String(entry.inputs['class'])}`);
  return codec;
}

describe('bodies', () => {
  const bodies = golden('body', 'body');

  it.each(bodies)('reads %s, and what it writes of it', (_name, entry) => {
    const value = codecOf(entry).decode(bytesOf(entry));
    expect(plain(value)).toMatchObject(expected(entry));
    expect(codecOf(entry).decode(codecOf(entry).encode(value))).toEqual(value);
  });

  it.each(by('5.5.0', bodies))('writes %s', (_name, entry) => {
    const written = codecOf(entry).encode(codecOf(entry).decode(bytesOf(entry)));
    expect(sortMembers(written.toString())).toBe(sortMembers(entry.text ?? ''));
    // Not weaker than it looks: 0 for 0.0 would be shorter.
    expect(written.length).toBe(entry.hex.length / 2);
  });

  const standardBodies = golden('body', 'standardBody');
  const standard = (entry: GoldenEntry) => {
    const value = codecOf(entry).decode(bytesOf(entry));
    return codecOf(entry).encode(value, { standardJson: true }).toString();
  };

  it.each(standardBodies)('reads and writes %s', (_name, entry) => {
    expect(plain(codecOf(entry).decode(bytesOf(entry)))).toMatchObject(expected(entry));
    expect(JSON.parse(standard(entry))).toEqual(JSON.parse(entry.text ?? ''));
  });

  // 5.5.0 no longer escapes what is beyond ASCII.
  it.each(by('4.9.8', standardBodies))('writes %s to the byte', (_name, entry) => {
    expect(standard(entry)).toBe(entry.text);
  });

  it.each(golden('body', 'registerBrokerBody').filter(([, entry]) => entry.inputs['compressed'] === false))(
    'reads %s',
    (_name, entry) => {
      const value = protocol.RegisterBrokerBody.decode(bytesOf(entry));
      expect(plain(value)).toMatchObject(expected(entry));
    },
  );

  it.each(golden('body', 'registerBrokerBody').filter(([, entry]) => entry.inputs['compressed'] === true))(
    'reads %s, but for what the form can not carry',
    (_name, entry) => {
      const value = protocol.decodeCompressedRegisterBrokerBody(bytesOf(entry));
      const { dataVersion, topicConfigTable } = value.topicConfigSerializeWrapper;
      expect(dataVersion).toEqual({ timestamp: 1_700_000_000_000, counter: 3, stateVersion: 0 });
      expect([...topicConfigTable.keys()].sort()).toEqual(['order', 'ordered']);
      expect(topicConfigTable.get('order')).toMatchObject({
        readQueueNums: 8,
        perm: 6,
        topicFilterType: 'SINGLE_TAG',
      });
      const attributes = entry.version === '5.5.0' ? [['message.type', 'FIFO'] as const] : [];
      expect(topicConfigTable.get('ordered')?.attributes).toEqual(new Map(attributes));
    },
  );
});

interface RecordInputs {
  topic: string;
  queueId: number;
  flag: number;
  queueOffset: number;
  physicalOffset: number;
  sysFlag: number;
  bornTimestamp: number;
  bornHost: string;
  storeTimestamp: number;
  storeHost: string;
  reconsumeTimes: number;
  preparedTransactionOffset: number;
  body: string;
  properties: Record<string, string>;
}

function host(text: string): Buffer {
  const colon = text.lastIndexOf(':');
  return protocol.encodeHost(text.slice(0, colon).replace(/^\[|\]$/g, ''), Number(text.slice(colon + 1)));
}

describe('messages', () => {
  it.each(golden('message', 'record'))('reads and writes %s', (_name, entry) => {
    const inputs = entry.inputs as unknown as RecordInputs;
    const bytes = bytesOf(entry);
    const record = protocol.decodeRecord(bytes, 0, { checkCrc: true });
    if (record === undefined) throw new Error('not decoded');
    expect(record.totalSize).toBe(bytes.length);
    expect(record.topic).toBe(inputs.topic);
    expect(record.queueId).toBe(inputs.queueId);
    expect(record.flag).toBe(inputs.flag);
    expect(record.queueOffset).toBe(inputs.queueOffset);
    expect(record.physicalOffset).toBe(inputs.physicalOffset);
    expect(record.bornTimestamp).toBe(inputs.bornTimestamp);
    expect(record.storeTimestamp).toBe(inputs.storeTimestamp);
    expect(record.reconsumeTimes).toBe(inputs.reconsumeTimes);
    expect(record.preparedTransactionOffset).toBe(inputs.preparedTransactionOffset);
    expect(record.body.toString('hex')).toBe(inputs.body);
    expect(host(record.bornHost)).toEqual(host(inputs.bornHost));
    expect(host(record.storeHost)).toEqual(host(inputs.storeHost));
    expect(plain(record.properties)).toEqual(inputs.properties);
    const written = protocol.encodeRecord({
      ...inputs,
      sysFlag: inputs.sysFlag,
      bornHost: host(inputs.bornHost),
      storeHost: host(inputs.storeHost),
      body: record.body,
      properties: record.propertiesBytes,
    });
    expect(written.toString('hex')).toBe(entry.hex);
  });

  it.each(golden('message', 'batch'))('reads and writes %s', (_name, entry) => {
    const messages = entry.inputs['messages'] as {
      flag: number;
      body: string;
      properties: Record<string, string>;
    }[];
    const parts = protocol.decodeBatch(bytesOf(entry));
    expect(
      parts.map((part) => ({
        flag: part.flag,
        body: part.body.toString('hex'),
        properties: plain(part.properties),
      })),
    ).toEqual(messages);
  });

  it.each(by('5.5.0', golden('message', 'batch')))('writes %s', (_name, entry) => {
    expect(protocol.encodeBatch(protocol.decodeBatch(bytesOf(entry))).toString('hex')).toBe(entry.hex);
  });

  it.each(golden('message', 'messageId'))('makes and reads the %s', (_name, entry) => {
    const { storeHost, physicalOffset } = entry.inputs as { storeHost: string; physicalOffset: number };
    const id = protocol.offsetMessageId(host(storeHost), physicalOffset);
    expect(id).toBe(entry.text);
    const decoded = protocol.decodeOffsetMessageId(id);
    expect(decoded.offset).toBe(physicalOffset);
    expect(host(decoded.host)).toEqual(host(storeHost));
  });

  const properties = golden('message', 'properties');
  const inputsOf = (entry: GoldenEntry) =>
    Object.entries(entry.inputs['properties'] as Record<string, string>);

  it.each(properties)('reads %s', (_name, entry) => {
    // What has no value is written, and dropped by every reader.
    const given = inputsOf(entry).filter(([, value]) => value !== '');
    expect(plain(protocol.decodeProperties(bytesOf(entry)))).toEqual(Object.fromEntries(given));
  });

  it.each(by('5.5.0', properties))('writes %s', (_name, entry) => {
    expect(protocol.encodeProperties(new Map(inputsOf(entry))).toString('hex')).toBe(entry.hex);
  });

  it.each(golden('message', 'crc32'))('computes the %s', (_name, entry) => {
    expect(protocol.crc32(Buffer.from(entry.inputs['body'] as string, 'hex'))).toBe(
      bytesOf(entry).readInt32BE(),
    );
  });
});

describe('texts', () => {
  it.each(golden('text', 'hashCode'))('computes the %s', (_name, entry) => {
    expect(protocol.javaHashCode(entry.inputs['text'] as string)).toBe(bytesOf(entry).readInt32BE());
  });

  // The client's check knows no longer limit for retry topics; the broker's, which is ours, does.
  it.each(golden('text', 'topicCheck').filter(([, entry]) => !String(entry.inputs['name']).startsWith('%')))(
    'judges the %s',
    (_name, entry) => {
      expect(protocol.validateTopic(entry.inputs['name'] as string) === undefined).toBe(entry.hex === '');
    },
  );

  // 4.9.8 allowed 255 characters, which are too many for a retry topic's name.
  it.each(by('5.5.0', golden('text', 'groupCheck')))('judges the %s', (_name, entry) => {
    expect(protocol.validateGroup(entry.inputs['name'] as string) === undefined).toBe(entry.hex === '');
  });
});

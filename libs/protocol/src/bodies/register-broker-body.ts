import { deflateSync, inflateSync } from 'node:zlib';
import { RocketMQError } from '@nest-rocketmq/runtime';
import { MQVersion } from '../codes/mq-version.ts';
import { parseJson } from '../json/parse-json.ts';
import { list, mapOf, record, string, type ShapeType } from '../json/shape.ts';
import { stringifyJson } from '../json/stringify-json.ts';
import { jsonBody } from './body-codec.ts';
import { dataVersion } from './data-version.ts';
import { topicConfigSerializeWrapper, type TopicConfig } from './topic-config.ts';

const registerBrokerBody = record({
  topicConfigSerializeWrapper,
  filterServerList: list(string()),
});

/** What a broker tells a NameServer: its topics, and which state of them this is. */
export type RegisterBrokerBody = ShapeType<typeof registerBrokerBody>;

/** The body of a registration (103). */
export const RegisterBrokerBody = jsonBody(registerBrokerBody);

const attributes = mapOf(string());
const filterServers = list(string());
const MAX_INFLATED = 16 * 1024 * 1024;

/**
 * The compressed form of a registration's body, a zlib stream of
 *
 *     dataVersion:block topicCount:i32 topic:block... filterServerList:block [mappingCount:i32 mapping:block...]
 *
 * where a block is an i32 length and so many bytes: JSON, but for topics, which are
 * `name readQueueNums writeQueueNums perm filterType [attributes]`. Attributes and mappings are there from 5.0.0 on. The
 * form has no place for topicSysFlag and order.
 */
export function encodeCompressedRegisterBrokerBody(value: RegisterBrokerBody, version: number): Buffer {
  const modern = version >= MQVersion.V5_0_0;
  const { topicConfigTable, dataVersion: state } = value.topicConfigSerializeWrapper;
  const parts = [block(stringifyJson(dataVersion.encode(state))), int32(topicConfigTable.size)];
  for (const config of topicConfigTable.values()) parts.push(block(topicLine(config, modern)));
  parts.push(block(stringifyJson(value.filterServerList)));
  if (modern) parts.push(int32(0));
  return deflateSync(Buffer.concat(parts));
}

/** Reads the compressed form. Throws RocketMQError `PROTOCOL` when it is damaged or inflates to more than 16 MiB. */
export function decodeCompressedRegisterBrokerBody(body: Buffer): RegisterBrokerBody {
  const reader = new BlockReader(inflate(body));
  const state = dataVersion.decode(parseJson(reader.block()), 'dataVersion');
  const topicConfigTable = new Map<string, TopicConfig>();
  for (let left = reader.int32(); left > 0; left--) {
    const config = parseTopicLine(reader.block());
    topicConfigTable.set(config.topicName, config);
  }
  const filterServerList = filterServers.decode(parseJson(reader.block()), 'filterServerList');
  return { topicConfigSerializeWrapper: { topicConfigTable, dataVersion: state }, filterServerList };
}

function inflate(body: Buffer): Buffer {
  try {
    return inflateSync(body, { maxOutputLength: MAX_INFLATED });
  } catch (cause) {
    throw new RocketMQError(
      'PROTOCOL',
      `a registration body that is not zlib, or is more than ${MAX_INFLATED} bytes`,
      {
        cause,
      },
    );
  }
}

function topicLine(config: TopicConfig, modern: boolean): string {
  const line = `${config.topicName} ${config.readQueueNums} ${config.writeQueueNums} ${config.perm} ${config.topicFilterType}`;
  return modern ? `${line} ${stringifyJson(attributes.encode(config.attributes))}` : line;
}

function parseTopicLine(line: string): TopicConfig {
  const [topicName = '', readQueueNums, writeQueueNums, perm, topicFilterType, ...rest] = line.split(' ');
  const json = rest.join(' ');
  const config = {
    topicName,
    readQueueNums: Number(readQueueNums),
    writeQueueNums: Number(writeQueueNums),
    perm: Number(perm),
    topicFilterType: topicFilterType ?? 'SINGLE_TAG',
    topicSysFlag: 0,
    order: false,
    attributes: attributes.decode(json === '' ? null : parseJson(json), 'attributes'),
  };
  if (!Number.isInteger(config.readQueueNums + config.writeQueueNums + config.perm)) {
    throw new RocketMQError('PROTOCOL', 'a registration body with a topic that is not one');
  }
  return config;
}

function int32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeInt32BE(value);
  return bytes;
}

function block(text: string): Buffer {
  const bytes = Buffer.from(text);
  return Buffer.concat([int32(bytes.length), bytes]);
}

class BlockReader {
  readonly #bytes: Buffer;
  #at = 0;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  int32(): number {
    if (this.#at + 4 > this.#bytes.length)
      throw new RocketMQError('PROTOCOL', 'a registration body that ends too early');
    this.#at += 4;
    return this.#bytes.readInt32BE(this.#at - 4);
  }

  block(): string {
    const length = this.int32();
    const end = this.#at + length;
    if (length < 0 || end > this.#bytes.length) {
      throw new RocketMQError('PROTOCOL', 'a registration body that ends too early');
    }
    const text = this.#bytes.toString('utf8', this.#at, end);
    this.#at = end;
    return text;
  }
}

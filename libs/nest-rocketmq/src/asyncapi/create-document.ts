import { isDeepStrictEqual } from 'node:util';
import type { INestApplicationContext } from '@nestjs/common';
import { SelectorType } from '../decorators/listener-attributes.ts';
import { RocketMQRegistry } from '../lifecycle/rocketmq-registry.ts';
import type { GroupPlan, PlannedHandler } from '../listener/group-plan.ts';
import { ALL_TAGS, tagsOf } from '../listener/subscription.ts';
import type {
  AsyncApiChannel,
  AsyncApiDocument,
  AsyncApiMessage,
  AsyncApiOperation,
  AsyncApiServer,
  Reference,
} from './document.ts';
import { payloadSchema, type SchemaConverter } from './payload-schema.ts';

/** What the decorators don't say. */
export interface AsyncApiOptions {
  title: string;
  /** Of the application. */
  version: string;
  description?: string;
  /** In place of the NameServers that the application is connected to; by the name of their connection. */
  servers?: Record<string, AsyncApiServer>;
  /** JSON Schema, draft 7, of schemas other than Zod's, and of classes; undefined where it has none either. */
  toJsonSchema?: SchemaConverter;
}

/**
 * The AsyncAPI 3.0.0 document of an application that is initialized: its listeners as operations that receive, their topics
 * as channels, their tags as messages, with the schema that each handler declares.
 *
 * ```ts
 * const document = createAsyncApiDocument(app, { title: 'Orders', version: '1.0.0' });
 * ```
 */
export function createAsyncApiDocument(
  app: INestApplicationContext,
  options: AsyncApiOptions,
): AsyncApiDocument {
  const registry = app.get(RocketMQRegistry, { strict: false });
  const { title, version, description, toJsonSchema } = options;
  const builder = new DocumentBuilder(options.servers ?? serversOf(registry), toJsonSchema);
  for (const plan of registry.plans) for (const handler of plan.handlers) builder.add(plan, handler);
  return {
    asyncapi: '3.0.0',
    info: { title, version, ...(description === undefined ? {} : { description }) },
    defaultContentType: 'application/json',
    servers: builder.servers,
    channels: builder.channels,
    operations: builder.operations,
    components: { messages: builder.messages },
  };
}

function serversOf(registry: RocketMQRegistry): Record<string, AsyncApiServer> {
  const servers: Record<string, AsyncApiServer> = {};
  for (const { name, nameServer } of registry.connections()) {
    for (const [index, host] of nameServer.split(';').entries()) {
      const key = keyOf(index === 0 ? name : `${name}-${index + 1}`);
      servers[key] = { host, protocol: 'rocketmq', title: `NameServer of connection ${name}` };
    }
  }
  return servers;
}

class DocumentBuilder {
  readonly servers: Record<string, AsyncApiServer>;
  readonly channels: Record<string, AsyncApiChannel> = {};
  readonly operations: Record<string, AsyncApiOperation> = {};
  readonly messages: Record<string, AsyncApiMessage> = {};
  readonly #convert: SchemaConverter | undefined;
  /** Connection and topic to the key of their channel. */
  readonly #channelKeys = new Map<string, string>();

  constructor(servers: Record<string, AsyncApiServer>, convert: SchemaConverter | undefined) {
    this.servers = servers;
    this.#convert = convert;
  }

  add(plan: GroupPlan, handler: PlannedHandler): void {
    const { topic = '', tags, selectorExpression, selectorType } = handler.declaration.attributes;
    const isSql = selectorType === SelectorType.SQL92;
    const channelKey = this.#channel(plan.connection, topic);
    const channel = this.channels[channelKey];
    const messages: Reference[] = [];
    for (const tag of isSql ? [ALL_TAGS] : tagsOf(tags ?? selectorExpression)) {
      const key = this.#message(handler, topic, tag);
      if (channel) channel.messages[key] = { $ref: `#/components/messages/${key}` };
      messages.push({ $ref: `#/channels/${channelKey}/messages/${key}` });
    }
    const { name } = handler.declaration;
    const { settings } = plan;
    this.operations[unused(keyOf(`${plan.consumerGroup}.${name}`), this.operations)] = {
      action: 'receive',
      channel: { $ref: `#/channels/${channelKey}` },
      messages,
      title: name,
      summary: `The group ${plan.consumerGroup} receives ${topic}`,
      'x-rocketmq': withoutUndefined({
        consumerGroup: plan.consumerGroup,
        connection: plan.connection,
        consumeMode: settings.consumeMode ?? 'CONCURRENTLY',
        messageModel: settings.messageModel ?? 'CLUSTERING',
        selectorType: isSql ? 'SQL92' : 'TAG',
        selectorExpression: isSql ? selectorExpression : undefined,
        concurrency: plan.concurrency,
        maxReconsumeTimes: handler.maxReconsumeTimes,
        batchSize: handler.batch?.size,
        deadLetterTopic: settings.messageModel === 'BROADCASTING' ? undefined : `%DLQ%${plan.consumerGroup}`,
      }),
    };
  }

  #channel(connection: string, topic: string): string {
    const id = `${connection} ${topic}`;
    const known = this.#channelKeys.get(id);
    if (known !== undefined) return known;
    const key = unused(keyOf(topic), this.channels);
    this.#channelKeys.set(id, key);
    const server = keyOf(connection);
    this.channels[key] = {
      address: topic,
      servers: Object.hasOwn(this.servers, server) ? [{ $ref: `#/servers/${server}` }] : [],
      messages: {},
    };
    return key;
  }

  #message(handler: PlannedHandler, topic: string, tag: string): string {
    const { schema, contentType } = payloadSchema(handler, this.#convert);
    const name = tag === ALL_TAGS ? topic : `${topic}:${tag}`;
    const message: AsyncApiMessage = {
      name,
      title: name,
      ...(contentType === undefined ? {} : { contentType }),
      ...(schema === undefined ? {} : { payload: schema }),
      ...(tag === ALL_TAGS ? {} : { 'x-rocketmq': { tag } }),
    };
    const key = keyOf(tag === ALL_TAGS ? topic : `${topic}.${tag}`);
    const same = Object.entries(this.messages).find(([, other]) => isDeepStrictEqual(other, message));
    if (same) return same[0];
    const free = unused(key, this.messages);
    this.messages[free] = message;
    return free;
  }
}

/** A key as AsyncAPI allows it. */
function keyOf(text: string): string {
  return text.replace(/[^\w.-]/g, '_');
}

function unused(key: string, taken: Readonly<Record<string, unknown>>): string {
  let free = key;
  for (let i = 2; Object.hasOwn(taken, free); i++) free = `${key}-${i}`;
  return free;
}

function withoutUndefined(values: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined));
}

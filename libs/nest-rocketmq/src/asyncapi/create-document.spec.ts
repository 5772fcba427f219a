import { Injectable } from '@nestjs/common';
import { IsInt, IsOptional, IsString, Min } from 'class-validator';
import { z } from 'zod';
import { startApp, type StartedApp } from '../../test/start-app.ts';
import { Payload, RocketMQMessageListener, type StandardSchema } from '../index.ts';
import { createAsyncApiDocument, type AsyncApiDocument, type AsyncApiOptions } from './index.ts';

class CreateOrder {
  @IsString()
  sku = '';

  @IsInt()
  @Min(1)
  count = 1;

  @IsOptional()
  @IsString({ each: true })
  notes?: string[];
}

const Audit = z.object({ at: z.iso.datetime(), who: z.string().optional() });

/** A schema of a library that this one doesn't know. */
const foreign: StandardSchema = {
  '~standard': { version: 1, vendor: 'foreign', validate: (value) => ({ value }) },
};

@Injectable()
@RocketMQMessageListener({ consumerGroup: 'stock', topic: 'order' })
class StockListener {
  @RocketMQMessageListener({ tags: ['created', 'changed'] })
  take(@Payload() _order: CreateOrder) {}

  @RocketMQMessageListener({ tags: 'audit', batch: { size: 100 }, schema: z.array(Audit) })
  audit(@Payload() _entries: unknown[]) {}

  @RocketMQMessageListener({ topic: 'price|quote', selectorType: 'SQL92', selectorExpression: 'price > 5' })
  quote(@Payload() _text: string) {}

  @RocketMQMessageListener({ topic: 'foreign', schema: foreign })
  foreign(@Payload() _payload: unknown) {}
}

@Injectable()
@RocketMQMessageListener({
  consumerGroup: 'report',
  topic: 'order',
  tags: 'created',
  messageModel: 'BROADCASTING',
})
class ReportListener {
  onMessage() {}
}

let started: StartedApp;

async function created(options: Partial<AsyncApiOptions> = {}): Promise<AsyncApiDocument> {
  started = await startApp({ providers: [StockListener, ReportListener] }, { nameServer: 'a:9876;b:9876' });
  return createAsyncApiDocument(started.app, { title: 'Orders', version: '1.2.3', ...options });
}

afterEach(() => started.app.close());

describe('the AsyncAPI document', () => {
  it('has the NameServers as servers, the topics as channels, the handlers as operations', async () => {
    const { servers, channels, operations } = await created();
    expect(servers).toMatchObject({
      default: { host: 'a:9876', protocol: 'rocketmq' },
      'default-2': { host: 'b:9876', protocol: 'rocketmq' },
    });
    expect(Object.values(channels).map(({ address }) => address)).toEqual([
      'order',
      'price|quote',
      'foreign',
    ]);
    expect(operations['stock.StockListener.take']).toEqual({
      action: 'receive',
      channel: { $ref: '#/channels/order' },
      messages: [
        { $ref: '#/channels/order/messages/order.created' },
        { $ref: '#/channels/order/messages/order.changed' },
      ],
      title: 'StockListener.take',
      summary: 'The group stock receives order',
      'x-rocketmq': {
        consumerGroup: 'stock',
        connection: 'default',
        consumeMode: 'CONCURRENTLY',
        messageModel: 'CLUSTERING',
        selectorType: 'TAG',
        concurrency: 20,
        maxReconsumeTimes: 16,
        deadLetterTopic: '%DLQ%stock',
      },
    });
    expect(operations['stock.StockListener.quote']?.['x-rocketmq']).toMatchObject({
      selectorType: 'SQL92',
      selectorExpression: 'price > 5',
    });
    expect(operations['report.ReportListener.onMessage']?.['x-rocketmq']).not.toHaveProperty(
      'deadLetterTopic',
    );
  });

  it('has payloads by their classes, by schemas, of batches by their elements, and by their types', async () => {
    const { messages } = (await created()).components;
    expect(messages['order.created']).toEqual({
      name: 'order:created',
      title: 'order:created',
      contentType: 'application/json',
      payload: {
        type: 'object',
        title: 'CreateOrder',
        properties: {
          sku: { type: 'string' },
          count: { type: 'integer', minimum: 1 },
          notes: { type: 'array', items: { type: 'string' } },
        },
        required: ['sku', 'count'],
      },
      'x-rocketmq': { tag: 'created' },
    });
    expect(messages['order.audit']?.payload).toMatchObject({
      type: 'object',
      properties: { at: { type: 'string', format: 'date-time' }, who: { type: 'string' } },
      required: ['at'],
    });
    expect(messages['price_quote']).toMatchObject({ payload: { type: 'string' }, contentType: 'text/plain' });
    expect(messages['foreign']).not.toHaveProperty('payload');
    // Another group may take the same message for something else.
    expect(messages['order.created-2']).not.toHaveProperty('payload');
  });

  it('asks the application for the schemas it does not know, and takes its servers', async () => {
    const host = 'mq.example.org:9876';
    const { servers, components } = await created({
      toJsonSchema: (schema) => (schema === foreign ? { type: 'object', title: 'Foreign' } : undefined),
      servers: { default: { host, protocol: 'rocketmq' } },
    });
    expect(servers).toEqual({ default: { host, protocol: 'rocketmq' } });
    expect(components.messages['foreign']?.payload).toEqual({ type: 'object', title: 'Foreign' });
  });

  it('is made of what AsyncAPI 3.0.0 allows, and each reference leads somewhere', async () => {
    const document = await created({ description: 'What orders go through' });
    expect(problems(document)).toEqual([]);
    expect(problems({ ...document, asyncapi: '2.6.0' } as never)).toEqual(['asyncapi is 2.6.0']);
  });
});

/** The fixed fields of the objects that occur here, the required ones first marked, by the specification of AsyncAPI 3.0.0. */
const FIELDS = {
  document: [
    'asyncapi!',
    'info!',
    'id',
    'servers',
    'defaultContentType',
    'channels',
    'operations',
    'components',
  ],
  info: ['title!', 'version!', 'description', 'termsOfService', 'contact', 'license', 'tags', 'externalDocs'],
  server: [
    'host!',
    'protocol!',
    'protocolVersion',
    'pathname',
    'description',
    'title',
    'summary',
    'variables',
  ],
  channel: [
    'address',
    'messages',
    'title',
    'summary',
    'description',
    'servers',
    'parameters',
    'tags',
    'bindings',
  ],
  operation: [
    'action!',
    'channel!',
    'title',
    'summary',
    'description',
    'messages',
    'reply',
    'bindings',
    'traits',
  ],
  message: [
    'headers',
    'payload',
    'contentType',
    'name',
    'title',
    'summary',
    'description',
    'tags',
    'bindings',
  ],
} as const;

function problems(document: AsyncApiDocument): string[] {
  const found: string[] = [];
  const check = (kind: keyof typeof FIELDS, where: string, value: object): void => {
    const fields: string[] = FIELDS[kind].map((field) => field.replace('!', ''));
    for (const key of Object.keys(value))
      if (!fields.includes(key) && !key.startsWith('x-')) found.push(`${where}.${key} is not allowed`);
    for (const field of FIELDS[kind])
      if (field.endsWith('!') && !(field.slice(0, -1) in value)) found.push(`${where}.${field} is missing`);
  };
  if (document.asyncapi !== '3.0.0') found.push(`asyncapi is ${String(document.asyncapi)}`);
  check('document', '#', document);
  check('info', 'info', document.info);
  const maps = {
    server: document.servers,
    channel: document.channels,
    operation: document.operations,
    message: document.components.messages,
  };
  for (const [kind, map] of Object.entries(maps)) {
    for (const [key, value] of Object.entries(map)) {
      if (!/^[\w.-]+$/.test(key)) found.push(`${kind} ${key} is no key`);
      check(kind as keyof typeof FIELDS, `${kind} ${key}`, value);
    }
  }
  JSON.stringify(document, (name, value: unknown) => {
    if (name !== '$ref' || typeof value !== 'string') return value;
    const target = value
      .slice(2)
      .split('/')
      .reduce<unknown>((at, part) => (at as Record<string, unknown> | undefined)?.[part], document);
    if (target === undefined) found.push(`${value} leads nowhere`);
    return value;
  });
  // The messages of an operation are those of its channel.
  for (const { channel, messages } of Object.values(document.operations))
    for (const { $ref } of messages)
      if (!$ref.startsWith(`${channel.$ref}/messages/`)) found.push(`${$ref} is not of ${channel.$ref}`);
  return found;
}

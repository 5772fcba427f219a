import { jest } from '@jest/globals';
import { silentLogger } from '@nest-rocketmq/runtime';
import { FakeProducer } from '../../test/fake-clients.ts';
import { DefaultMessageConverter } from '../conversion/message-converter.ts';
import { TransactionListeners } from '../transaction/transaction-listeners.ts';
import { message } from './events.ts';
import { RocketMQTemplate, type TemplateConnection } from './rocketmq-template.ts';

describe("rocketmq-spring's names", () => {
  let producer: FakeProducer;
  let template: RocketMQTemplate;

  beforeEach(() => {
    producer = new FakeProducer({ group: 'g', nameServer: 'n:1' }, []);
    template = new RocketMQTemplate(connection());
  });

  const connection = (): TemplateConnection => ({
    producer,
    pullConsumer: { poll: async () => [] },
    converter: new DefaultMessageConverter(),
    maxMessageSize: 1000,
    transactions: new TransactionListeners(),
    logger: silentLogger,
  });
  const sent = () => producer.sent.at(-1)?.message;

  it('takes time-out and delay level by position', async () => {
    await template.syncSend('order', 1, 500, 3);
    expect(producer.sent.at(-1)).toMatchObject({ message: { delayLevel: 3 }, options: { timeout: 500 } });
    await template.syncSend('order', 1, -1, 0);
    expect(producer.sent.at(-1)?.options).toEqual({});
    expect(sent()?.delayLevel).toBeUndefined();
  });

  it('delays by seconds, by milliseconds, to a time', async () => {
    await template.syncSendDelayTimeSeconds('order', 1, 2);
    expect(sent()?.delayTimeMs).toBe(2000);
    await template.syncSendDelayTimeMills('order', 1, 2500);
    expect(sent()?.delayTimeMs).toBe(2500);
    await template.syncSendDeliverTimeMills('order', 1, 1_900_000_000_000);
    expect(sent()?.deliverTimeMs).toBe(1_900_000_000_000);
  });

  it('calls back', async () => {
    const callback = { onSuccess: jest.fn(), onException: jest.fn() };
    template.asyncSend('order', 1, callback);
    await new Promise(setImmediate);
    expect(callback.onSuccess).toHaveBeenCalledWith(expect.objectContaining({ sendStatus: 'SEND_OK' }));
    template.asyncSendOrderly('', 1, 'key', callback);
    await new Promise(setImmediate);
    expect(callback.onException).toHaveBeenCalledWith(expect.objectContaining({ code: 'INVALID_ARGUMENT' }));
  });

  it('returns a promise where there is no callback', async () => {
    await expect(template.asyncSend('order', 1)).resolves.toMatchObject({ sendStatus: 'SEND_OK' });
    await expect(template.asyncSendOrderly('order', 1, 'k')).resolves.toMatchObject({
      sendStatus: 'SEND_OK',
    });
  });

  it('converts and sends', async () => {
    await expect(template.convertAndSend('order:a', { id: 1 }, { h: 'v' })).resolves.toBeUndefined();
    expect(sent()).toMatchObject({ tags: 'a', properties: { h: 'v' } });
  });

  it('lets a function have the last word about what is converted', async () => {
    await template.convertAndSend('order', { id: 1 }, { h: 'v' }, ({ payload, headers }) =>
      message({ original: payload, seen: true }, { ...headers, KEYS: 'k' }),
    );
    expect(sent()).toMatchObject({ keys: 'k', properties: { h: 'v' } });
    expect(String(sent()?.body)).toBe('{"original":{"id":1},"seen":true}');
  });

  it('sends to the default destination of the module, where there is one', async () => {
    await expect(template.convertAndSend({ id: 1 })).rejects.toThrow('defaultDestination');
    template = new RocketMQTemplate({ ...connection(), defaultDestination: 'order:all' });
    await template.convertAndSend(message({ id: 1 }, { h: 'v' }));
    expect(sent()).toMatchObject({ topic: 'order', tags: 'all', properties: { h: 'v' } });
  });

  it('sends an array of messages as a batch, with one result', async () => {
    const batch = [message('a', { KEYS: '1' }), message('b')];
    expect(await template.syncSend('order:t', batch)).toMatchObject({ msgId: 'ID-0' });
    expect(
      await template.syncSendOrderly('order', [message('x'.repeat(700)), message('y'.repeat(700))], 'k'),
    ).toMatchObject({
      sendStatus: 'SEND_OK',
      msgId: 'ID-0,ID-0',
    });
    expect(producer.batches.map((sent) => sent.length)).toEqual([2, 1, 1]);
    expect(producer.batches[0]?.[0]).toMatchObject({ tags: 't', keys: '1' });
    await expect(template.asyncSend('order', [])).rejects.toThrow('The batch for order is empty');
    await template.syncSend('order', [1, 2]);
    expect(String(sent()?.body)).toBe('[1,2]');
  });

  it('sends one way by hash key', () => {
    template.sendOneWayOrderly('order', 1, 'k');
    expect(producer.oneway).toHaveLength(1);
  });
});

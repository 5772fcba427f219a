import { received } from '../../test/fake-clients.ts';
import { startApp, type StartedApp } from '../../test/start-app.ts';
import { RocketMQTemplate, type MessageExt, type RocketMQModuleOptions } from '../index.ts';

describe('RocketMQTemplate.receive', () => {
  let started: StartedApp;

  const start = async (options: Partial<RocketMQModuleOptions> = {}): Promise<RocketMQTemplate> => {
    started = await startApp({}, { nameServer: '127.0.0.1:9876', ...options });
    return started.app.get(RocketMQTemplate);
  };
  const pullConsumer = { group: 'report', topic: 'order', selectorExpression: 'paid', pullBatchSize: 5 };

  afterEach(async () => started.app.close());

  it('gives the payloads of what its pull consumer polls', async () => {
    const template = await start({ pullConsumer });
    const [consumer] = started.clients.pullConsumers;
    expect(consumer?.options).toMatchObject({
      group: 'report',
      pullBatchSize: 5,
      nameServer: '127.0.0.1:9876',
    });
    expect([...(consumer?.subscriptions ?? [])]).toEqual([['order', { type: 'TAG', expression: 'paid' }]]);
    consumer?.waiting.push(received({ body: { id: 1 } }), received({ body: { id: 2 } }));
    expect(await template.receive<{ id: number }>()).toEqual([{ id: 1 }, { id: 2 }]);
    expect(await template.receive({ timeout: '2s' })).toEqual([]);
    expect(consumer?.timeouts).toEqual([undefined, 2000]);
  });

  it('gives the messages themselves, or payloads of the kind it is told', async () => {
    const template = await start({ pullConsumer });
    const [consumer] = started.clients.pullConsumers;
    const message = received({ body: 'plain' });
    consumer?.waiting.push(message);
    expect(await template.receive<MessageExt>({ payload: 'message' })).toEqual([message]);
    consumer?.waiting.push(message);
    expect(await template.receive({ payload: 'text' })).toEqual(['plain']);
  });

  it('names the message that can not be read', async () => {
    const template = await start({ pullConsumer });
    started.clients.pullConsumers[0]?.waiting.push(received({ body: '{', msgId: 'BAD' }));
    await expect(template.receive()).rejects.toThrow(
      /The message BAD of topic order \(1 bytes\) can't be read/,
    );
  });

  it('says what is missing when there is no pull consumer', async () => {
    const template = await start();
    await expect(template.receive()).rejects.toThrow(/give the option pullConsumer, with group and topic/);
    expect(started.clients.pullConsumers).toEqual([]);
  });

  it('is started after the producer and shut down before it', async () => {
    await start({ pullConsumer });
    await started.app.close();
    expect(started.clients.log).toEqual([
      'start producer 127.0.0.1:9876',
      'start pull consumer report',
      'shutdown pull consumer report',
      'shutdown producer 127.0.0.1:9876',
    ]);
  });
});

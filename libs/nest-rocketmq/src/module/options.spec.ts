import { resolveOptions } from './options.ts';

describe('the options of RocketMQModule', () => {
  const resolve = (options: unknown, environment = {}) => resolveOptions(options, 'default', environment);

  it('has the defaults of the Java client', () => {
    expect(resolve({ nameServer: '127.0.0.1:9876' })).toEqual({
      cluster: { nameServer: '127.0.0.1:9876' },
      connect: 'fail',
      consumer: {},
      producer: {
        group: 'nest-rocketmq',
        sendMessageTimeout: 3000,
        sendLatencyFaultEnable: false,
        compressLevel: 5,
        checkConcurrency: 16,
        checkRequestHoldMax: 2000,
        checkTimeout: 30_000,
        retryTimesWhenSendFailed: 2,
        retryNextServer: false,
        compressMessageBodyThreshold: 4096,
        compressType: 'ZLIB',
        maxMessageSize: 4_194_304,
      },
      shutdown: { drain: 30_000 },
      trace: false,
    });
  });

  it('takes durations as text', () => {
    const options = resolve({
      nameServer: 'n:1',
      shutdown: { drain: '5s' },
      producer: { sendMessageTimeout: '1500ms' },
    });
    expect(options.shutdown.drain).toBe(5000);
    expect(options.producer.sendMessageTimeout).toBe(1500);
  });

  it('takes several NameServers, as text or as an array', () => {
    expect(resolve({ nameServer: 'a:1; b:2' }).cluster).toEqual({ nameServer: 'a:1;b:2' });
    expect(resolve({ nameServer: ['a:1', '[::1]:2'] }).cluster).toEqual({ nameServer: 'a:1;[::1]:2' });
  });

  it('takes the NameServer of the environment where the options name none', () => {
    expect(resolve({}, { NAMESRV_ADDR: 'env:9876' }).cluster).toEqual({ nameServer: 'env:9876' });
    expect(resolve({ embedded: true }, { NAMESRV_ADDR: 'env:9876' }).cluster).toEqual({ embedded: {} });
  });

  it('takes an embedded cluster with a directory and ports', () => {
    const embedded = { storePath: '/data/mq', ports: { namesrv: 9876 } };
    expect(resolve({ embedded }).cluster).toEqual({ embedded });
  });

  it.each([
    [{}, 'nameServer is missing'],
    [undefined, "connection 'default': options:"],
    [{ nameServer: 'localhost' }, 'nameServer: "localhost" is not host:port'],
    [{ nameServer: 'localhost:99999' }, 'nameServer: "localhost:99999" is not host:port'],
    [{ nameServer: '' }, 'is not host:port'],
    [{ nameServer: 'a:1', embedded: true }, 'exclude each other'],
    [{ nameServer: 'a:1', nameserver: 'a:1' }, 'unknown option nameserver'],
    [{ nameServer: 'a:1', producer: { grup: 'x' } }, 'unknown option producer.grup'],
    [
      { nameServer: 'a:1', consumer: { concurency: 5, foo: 1 } },
      'unknown option consumer.concurency; unknown option consumer.foo',
    ],
    [{ nameServer: 'a:1', consumer: { concurrency: 0 } }, 'consumer.concurrency: '],
    [{ nameServer: 'a:1', shutdown: { drain: 'soon' } }, 'shutdown.drain: Not a duration'],
    [{ nameServer: 'a:1', connect: 'later' }, 'connect: '],
    [{ nameServer: 'a:1', producer: { messageQueueSelector: 1 } }, 'messageQueueSelector: not a function'],
    [{ nameServer: 'a:1', producer: { checkTimeout: 'soon' } }, 'producer.checkTimeout: Not a duration'],
    [{ nameServer: 'a:1', converter: {} }, 'converter: not a converter'],
    [{ embedded: { storePat: 'x' } }, 'unknown option embedded.storePat'],
    [{ embedded: { ports: { broker: 70000 } } }, 'embedded.ports.broker: '],
    [{ embedded: false }, 'embedded: '],
  ])('refuses %j and says which option it is', (options, words) => {
    expect(() => resolve(options)).toThrow(words);
    expect(() => resolve(options)).toThrow(expect.objectContaining({ code: 'INVALID_CONFIG' }));
  });

  it('names the connection that is meant', () => {
    expect(() => resolveOptions({}, 'analytics', {})).toThrow("connection 'analytics'");
  });
});

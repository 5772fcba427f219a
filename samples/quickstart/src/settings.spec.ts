import { readSettings } from './settings.ts';

describe('the settings of the quick start', () => {
  const producer = { group: 'order-service' };

  it('run it on a cluster in its own process', () => {
    expect(readSettings([], {})).toEqual({
      rocketmq: { embedded: { storePath: '.rocketmq' }, producer },
      once: false,
    });
  });

  it('run it on another cluster by option or environment', () => {
    const rocketmq = { nameServer: 'host:9876', producer };
    expect(readSettings(['--name-server', 'host:9876'], { NAMESRV_ADDR: 'other:1' }).rocketmq).toEqual(
      rocketmq,
    );
    expect(readSettings([], { NAMESRV_ADDR: 'host:9876' }).rocketmq).toEqual(rocketmq);
  });

  it('refuse what they do not know', () => {
    expect(() => readSettings(['--nameserver', 'host:9876'], {})).toThrow("'--nameserver'");
  });
});

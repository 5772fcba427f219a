import { Injectable } from '@nestjs/common';
import { startApp, type StartedApp } from '../../test/start-app.ts';
import { RocketMQMessageListener, type RocketMQModuleOptions } from '../index.ts';

@Injectable()
@RocketMQMessageListener({ consumerGroup: 'plain', topic: 'order' })
class PlainListener {
  onMessage() {}
}

@Injectable()
@RocketMQMessageListener({
  consumerGroup: 'own',
  topic: 'order',
  enableMsgTrace: '${TRACED:false}',
  customizedTraceTopic: 'mine',
})
class OwnListener {
  onMessage() {}
}

describe('message traces', () => {
  let started: StartedApp;

  afterEach(async () => started.app.close());

  async function traced(options: Partial<RocketMQModuleOptions>): Promise<Record<string, unknown[]>> {
    const providers = [PlainListener, OwnListener];
    started = await startApp({ providers }, { nameServer: '127.0.0.1:9876', ...options });
    const { clients: made } = started;
    const clients = { producer: made.only, plain: made.consumerOf('plain'), own: made.consumerOf('own') };
    return Object.fromEntries(
      Object.entries(clients).map(([name, { options: o }]) => [
        name,
        [o.enableMsgTrace, o.customizedTraceTopic],
      ]),
    );
  }

  it('are off', async () => {
    expect(await traced({})).toEqual({
      producer: [false, undefined],
      plain: [false, undefined],
      own: [false, 'mine'],
    });
  });

  it('are of all clients when the module says so, but for those that say otherwise', async () => {
    expect(await traced({ trace: true })).toEqual({
      producer: [true, undefined],
      plain: [true, undefined],
      own: [false, 'mine'],
    });
  });

  it('go to the topic that is given', async () => {
    expect(await traced({ trace: { topic: 'traces' } })).toMatchObject({
      producer: [true, 'traces'],
      plain: [true, 'traces'],
    });
  });

  it('can be had of sending or consuming alone', async () => {
    const producer = { enableMsgTrace: true, customizedTraceTopic: 'sends' };
    expect(await traced({ producer })).toMatchObject({
      producer: [true, 'sends'],
      plain: [false, undefined],
    });
    await started.app.close();
    const consumer = { enableMsgTrace: true };
    expect(await traced({ consumer })).toMatchObject({
      producer: [false, undefined],
      plain: [true, undefined],
    });
  });
});

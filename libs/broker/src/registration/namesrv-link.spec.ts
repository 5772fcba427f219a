import { describe, expect, it } from '@jest/globals';
import { RemotingCommand, ResponseCode } from '@nest-rocketmq/protocol';
import type { RemotingClient } from '@nest-rocketmq/remoting';
import { ManualClock, silentLogger } from '@nest-rocketmq/runtime';
import { brokerConfig } from '../config/broker-config.ts';
import { MemoryConfigFile } from '../config/testing/memory-config-file.ts';
import { TopicConfigManager } from '../topic/topic-config-manager.ts';
import { NamesrvLink } from './namesrv-link.ts';

/** So many promises may follow one another from an answer to the end of the call. */
const TURNS = 12;

describe('NamesrvLink', () => {
  it('registers once more whenever it is asked, also in the moment in which an attempt ends', async () => {
    for (let turns = 0; turns < TURNS; turns++) {
      const clock = new ManualClock();
      const config = brokerConfig({ overrides: { brokerName: 'broker-a' } });
      let attempts = 0;
      let answer: () => void = () => undefined;
      const invoke = (_address: string, request: RemotingCommand): Promise<RemotingCommand> => {
        attempts++;
        const success = RemotingCommand.response(request, ResponseCode.SUCCESS);
        if (attempts > 1) return Promise.resolve(success);
        return new Promise((resolve) => (answer = () => resolve(success)));
      };
      const link = new NamesrvLink('127.0.0.1:9876', {
        config,
        topics: new TopicConfigManager(config, new MemoryConfigFile(), { clock }),
        addresses: { brokerAddr: '127.0.0.1:10911', haServerAddr: '127.0.0.1:10912' },
        client: { invoke } as unknown as RemotingClient,
        clock,
        logger: silentLogger,
      });
      void link.register();
      await new Promise((resolve) => setImmediate(resolve));
      answer();
      for (let i = 0; i < turns; i++) await Promise.resolve();
      await link.register();
      expect([turns, attempts]).toEqual([turns, 2]);
    }
  });
});

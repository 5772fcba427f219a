import { describe, expect, it } from '@jest/globals';
import { routeOf } from '../../spec-support/scripted-server.ts';
import { provisionalRoute, TopicRoute } from './topic-route.ts';

const names = (queues: readonly { brokerName: string; queueId: number }[]): string[] =>
  queues.map((queue) => `${queue.brokerName}${queue.queueId}`);

describe('TopicRoute', () => {
  it('has the writable queues by broker name, and the readable ones', () => {
    const data = routeOf({ b: 'hb:1', a: 'ha:1' }, 2);
    const route = new TopicRoute('T', data);
    expect(names(route.publishQueues)).toEqual(['a0', 'a1', 'b0', 'b1']);
    expect(new Set(names(route.subscribeQueues))).toEqual(new Set(['a0', 'a1', 'b0', 'b1']));
    expect(new Set(route.brokerAddresses())).toEqual(new Set(['ha:1', 'hb:1']));
  });

  it('leaves out brokers without a master for writing, not for reading', () => {
    const data = routeOf({ a: 'ha:1' }, 2);
    data.brokerDatas = [{ cluster: 'c', brokerName: 'a', brokerAddrs: new Map([[1, 'slave:1']]) }];
    const route = new TopicRoute('T', data);
    expect(route.publishQueues).toEqual([]);
    expect(names(route.subscribeQueues)).toEqual(['a0', 'a1']);
    expect(route.brokerAddresses()).toEqual(['slave:1']);
  });

  it('obeys the permission', () => {
    expect(new TopicRoute('T', routeOf({ a: 'h:1' }, 2, 4)).publishQueues).toEqual([]);
    expect(new TopicRoute('T', routeOf({ a: 'h:1' }, 2, 2)).subscribeQueues).toEqual([]);
  });

  it('has the configured order of an ordered topic', () => {
    const route = new TopicRoute('T', { ...routeOf({ a: 'h:1', b: 'h:2' }), orderTopicConf: 'b:2;a:1' });
    expect(names(route.publishQueues)).toEqual(['b0', 'b1', 'a0']);
    expect(route.ordered).toBe(true);
  });

  it('is equal when it says the same in another order', () => {
    const one = new TopicRoute('T', routeOf({ a: 'h:1', b: 'h:2' }));
    expect(one.equals(new TopicRoute('T', routeOf({ b: 'h:2', a: 'h:1' })))).toBe(true);
    expect(one.equals(new TopicRoute('T', routeOf({ b: 'h:2', a: 'h:3' })))).toBe(false);
    expect(one.equals(new TopicRoute('T', routeOf({ a: 'h:1', b: 'h:2' }, 5)))).toBe(false);
    expect(one.equals(undefined)).toBe(false);
  });

  it('is provisional for a topic that is yet to be created, with as many queues as asked for', () => {
    const route = provisionalRoute('new', routeOf({ a: 'h:1' }, 8, 7), 4);
    expect(names(route.publishQueues)).toEqual(['a0', 'a1', 'a2', 'a3']);
    expect(route.publishQueues[0]?.topic).toBe('new');
    expect(route.provisional).toBe(true);
    expect(provisionalRoute('new', routeOf({ a: 'h:1' }, 2, 7), 4).publishQueues).toHaveLength(2);
  });
});

import { afterEach, describe, expect, it } from '@jest/globals';
import { ManualClock } from '@nest-rocketmq/runtime';
import { clientSettings, type ClientOptions } from './client-options.ts';
import { acquireInstance, type InstanceLease, type Membership } from './client-registry.ts';
import type { ConsumerMember } from './members.ts';

describe('acquireInstance', () => {
  const leases: InstanceLease[] = [];
  const acquire = (membership: Membership, options: Partial<ClientOptions> = {}): InstanceLease => {
    const lease = acquireInstance(clientSettings({ nameServer: '127.0.0.1:1', ...options }), membership);
    leases.push(lease);
    return lease;
  };
  const producer = (group: string): Membership => ({ role: 'producer', member: { group } });
  const consumer = (group: string): Membership => ({ role: 'consumer', member: { group } as ConsumerMember });

  afterEach(() => Promise.all(leases.splice(0).map((lease) => lease.release())));

  it('shares one instance among members with the same settings', () => {
    const { instance } = acquire(producer('g'));
    expect(acquire(consumer('g')).instance).toBe(instance);
    expect(acquire(producer('h')).instance).toBe(instance);
    expect(acquire({ role: 'admin' }).instance).toBe(instance);
    expect(acquire(producer('i'), { nameServer: '127.0.0.1:2' }).instance).not.toBe(instance);
    expect(acquire(producer('i'), { mqClientApiTimeout: 1 }).instance).not.toBe(instance);
  });

  it('has an id of address, process and a clock', () => {
    expect(acquire(producer('g')).instance.clientId).toMatch(new RegExp(`^[0-9a-f.:]+@${process.pid}#\\d+$`));
    const named = acquire(producer('g'), { clientIP: '1.2.3.4', instanceName: 'n', unitName: 'u' });
    expect(named.instance.clientId).toBe('1.2.3.4@n@u');
  });

  it('gives a group that is there already an instance of its own', () => {
    const first = acquire(consumer('g')).instance;
    const second = acquire(consumer('g')).instance;
    expect(second).not.toBe(first);
    expect(second.clientId).not.toBe(first.clientId);
  });

  it('refuses a group twice under a name that was given', () => {
    acquire(consumer('g'), { instanceName: 'n' });
    acquire(consumer('h'), { instanceName: 'n' });
    expect(() => acquire(consumer('g'), { instanceName: 'n' })).toThrow('Give one of them another group');
  });

  it('is closed with its last member, and made anew afterwards', async () => {
    const clock = new ManualClock();
    const one = acquire(producer('g'), { clock });
    const two = acquire(producer('h'), { clock });
    await one.release();
    await one.release();
    expect(clock.pending).toBeGreaterThan(0);
    expect(acquire(producer('g'), { clock }).instance).toBe(two.instance);
    await Promise.all(leases.map((lease) => lease.release()));
    expect(clock.pending).toBe(0);
    expect(acquire(producer('g'), { clock }).instance).not.toBe(two.instance);
  });
});

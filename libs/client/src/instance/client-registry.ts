import { isDeepStrictEqual } from 'node:util';
import { RocketMQError } from '@nest-rocketmq/runtime';
import { clientId, localIP, uniqueInstanceName } from './client-identity.ts';
import { ClientInstance } from './client-instance.ts';
import type { ClientSettings } from './client-options.ts';
import type { ConsumerMember, ProducerMember } from './members.ts';

interface Entry {
  instance: ClientInstance;
  /** Whether others may join without asking for its name. */
  shared: boolean;
  users: number;
}

const entries = new Set<Entry>();

/** A member's hold on an instance. */
export interface InstanceLease {
  readonly instance: ClientInstance;
  /** Gives the instance back; the last one to do so closes it. Calling it again does nothing. */
  release(): Promise<void>;
}

/** Whose the instance shall be: a group can live in one instance only once. */
export type Membership =
  | { role: 'producer'; member: ProducerMember }
  | { role: 'consumer'; member: ConsumerMember }
  | { role: 'admin' };

/**
 * The instance for a member. Members of this process with the same settings share one, and so its connections; a
 * group that is there already gets another instance with a client id of its own, unless its name was given.
 *
 * @throws RocketMQError `INVALID_CONFIG` when the group is in the instance of that name already
 */
export function acquireInstance(settings: ClientSettings, membership: Membership): InstanceLease {
  const entry = find(settings, membership) ?? create(settings);
  entry.users++;
  const { instance } = entry;
  if (membership.role === 'producer') instance.producers.set(membership.member.group, membership.member);
  if (membership.role === 'consumer') instance.consumers.set(membership.member.group, membership.member);
  let released = false;
  return {
    instance,
    async release() {
      if (released) return;
      released = true;
      if (membership.role === 'producer') instance.producers.delete(membership.member.group);
      if (membership.role === 'consumer') instance.consumers.delete(membership.member.group);
      if (--entry.users > 0) return;
      entries.delete(entry);
      await instance.stop();
    },
  };
}

function find(settings: ClientSettings, membership: Membership): Entry | undefined {
  for (const entry of entries) {
    const named = settings.instanceName !== undefined;
    if (named === entry.shared || !sameSettings(entry.instance.settings, settings)) continue;
    if (!holds(entry.instance, membership)) return entry;
    if (named && membership.role !== 'admin') {
      throw new RocketMQError(
        'INVALID_CONFIG',
        `The ${membership.role} group ${membership.member.group} is used already in this process by the client ` +
          `${entry.instance.clientId}. Give one of them another group, or another instanceName`,
      );
    }
  }
  return undefined;
}

function create(settings: ClientSettings): Entry {
  const name = settings.instanceName ?? uniqueInstanceName();
  const id = clientId(settings.clientIP ?? localIP(), name, settings.unitName);
  const entry = {
    instance: new ClientInstance(id, settings),
    shared: settings.instanceName === undefined,
    users: 0,
  };
  entries.add(entry);
  return entry;
}

function holds(instance: ClientInstance, membership: Membership): boolean {
  if (membership.role === 'admin') return false;
  const groups = membership.role === 'producer' ? instance.producers : instance.consumers;
  return groups.has(membership.member.group);
}

/** The settings that are objects of the application's, new ones each time. */
const BY_VALUE: ReadonlySet<keyof ClientSettings> = new Set(['credentials', 'tls']);

function sameSettings(a: ClientSettings, b: ClientSettings): boolean {
  return (Object.keys(a) as (keyof ClientSettings)[]).every((key) =>
    key === 'nameServers'
      ? [...a.nameServers].sort().join() === [...b.nameServers].sort().join()
      : a[key] === b[key] || (BY_VALUE.has(key) && isDeepStrictEqual(a[key], b[key])),
  );
}

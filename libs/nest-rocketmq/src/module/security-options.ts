import type { ProducerOptions } from '@nest-rocketmq/client';
import type { ResolvedOptions } from './options.ts';

/** What every client of a connection is told of who it is, how it connects, and which namespace it is in. */
type SecurityOptions = Pick<
  ProducerOptions,
  'accessKey' | 'secretKey' | 'securityToken' | 'useTLS' | 'tls' | 'namespace' | 'namespaceV2'
>;

/** The options of a connection as its clients want them; what isn't given is left out. */
export function securityOptions({
  acl,
  tls,
  namespace,
  namespaceV2,
}: Pick<ResolvedOptions, 'acl' | 'tls' | 'namespace' | 'namespaceV2'>): SecurityOptions {
  return {
    ...(acl && { accessKey: acl.accessKey, secretKey: acl.secretKey }),
    ...(acl?.securityToken !== undefined && { securityToken: acl.securityToken }),
    ...(typeof tls === 'boolean' && { useTLS: tls }),
    ...(typeof tls === 'object' && { tls: withoutUndefined(tls) }),
    ...(namespace !== undefined && { namespace }),
    ...(namespaceV2 !== undefined && { namespaceV2 }),
  };
}

function withoutUndefined<T extends object>(options: T): T {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined)) as T;
}

import { isSystemGroup, isSystemTopic, MixAll } from '@nest-rocketmq/protocol';

const SEPARATOR = '%';
/** Of the topics by which replies travel: a cluster has one, for all namespaces. */
const REPLY_TOPIC_SUFFIX = '_REPLY_TOPIC';
const PREFIXES = [MixAll.RETRY_GROUP_TOPIC_PREFIX, MixAll.DLQ_GROUP_TOPIC_PREFIX] as const;

/**
 * The name by which brokers know a topic or group of a namespace (`NamespaceUtil.wrapNamespace`): `ns%topic`, and behind
 * the prefix of a retry or dead letter topic, `%RETRY%ns%group`. Names of RocketMQ's own, and those that are in the namespace
 * already, stay as they are. Without a namespace (an empty one): the name.
 */
export function withNamespace(namespace: string, name: string): string {
  if (namespace === '' || name === '' || isSystemName(name) || isInNamespace(namespace, name)) return name;
  const prefix = prefixOf(name);
  return `${prefix}${namespace}${SEPARATOR}${name.slice(prefix.length)}`;
}

/** The name that an application of the namespace gave to what brokers call `name`; names of no namespace stay. */
export function withoutNamespace(namespace: string, name: string): string {
  if (namespace === '' || isSystemName(name) || !isInNamespace(namespace, name)) return name;
  const prefix = prefixOf(name);
  return prefix + name.slice(prefix.length + namespace.length + SEPARATOR.length);
}

/** Queues as an application of the namespace knows them. */
export function withoutNamespaces<Q extends { topic: string }>(namespace: string, queues: readonly Q[]): Q[] {
  if (namespace === '') return [...queues];
  return queues.map((queue) => ({ ...queue, topic: withoutNamespace(namespace, queue.topic) }));
}

/** A queue as brokers know it. */
export function queueWithNamespace<Q extends { topic: string }>(namespace: string, queue: Q): Q {
  return namespace === '' ? queue : { ...queue, topic: withNamespace(namespace, queue.topic) };
}

function isInNamespace(namespace: string, name: string): boolean {
  return name.startsWith(namespace + SEPARATOR, prefixOf(name).length);
}

function prefixOf(name: string): string {
  return PREFIXES.find((prefix) => name.startsWith(prefix)) ?? '';
}

function isSystemName(name: string): boolean {
  return isSystemTopic(name) || isSystemGroup(name) || name.endsWith(REPLY_TOPIC_SUFFIX);
}

import {
  BatchAckMessageRequestBody,
  CheckClientRequestBody,
  HeartbeatData,
  LockBatchRequestBody,
  MixAll,
  popNormalTopic,
  QueryAssignmentRequestBody,
  RequestCode,
  type FieldSource,
} from '@nest-rocketmq/protocol';
import { Permission, type PermissionBits } from './permission.ts';

const { PUB, SUB } = Permission;
/** Either will do. */
const ANY = PUB | SUB;

/** A topic or group that a request touches, and what its sender has to be allowed to do with it (one of the bits). */
export interface NeededPermission {
  readonly kind: 'topic' | 'group';
  readonly name: string;
  readonly needed: PermissionBits;
}

/** The parts of a request that say what it touches. */
export interface AccessRequest extends FieldSource {
  readonly body: Buffer;
}

/**
 * Who may send a command: `admin`, accounts that are one; `account`, every account, because it touches nothing of anyone's
 * in particular; or those with permissions for what it touches.
 */
export type CommandAccess = 'admin' | 'account' | ((request: AccessRequest) => NeededPermission[]);

/** A topic; a retry topic is its group's, and belongs to those who may consume as that group. */
function topic(name: string | undefined, needed: PermissionBits): NeededPermission[] {
  if (name === undefined || name === '') return [];
  return name.startsWith(MixAll.RETRY_GROUP_TOPIC_PREFIX)
    ? group(name.slice(MixAll.RETRY_GROUP_TOPIC_PREFIX.length))
    : [{ kind: 'topic', name, needed }];
}

function group(name: string | undefined): NeededPermission[] {
  return name === undefined || name === '' ? [] : [{ kind: 'group', name, needed: SUB }];
}

const sendsTo =
  (field: string): CommandAccess =>
  (request) =>
    topic(request.get(field), PUB);
const reads =
  (needed: PermissionBits): CommandAccess =>
  (request) =>
    topic(request.get('topic'), needed);
const consumes =
  (groupField: string): CommandAccess =>
  (request) => [...topic(request.get('topic'), SUB), ...group(request.get(groupField))];
/** A message that was revived is in a retry topic of its group and its topic, and is acknowledged there. */
const acknowledges: CommandAccess = (request) => {
  const consumerGroup = request.get('consumerGroup') ?? '';
  return [...topic(popNormalTopic(request.get('topic') ?? '', consumerGroup), SUB), ...group(consumerGroup)];
};
const locks: CommandAccess = ({ body }) => {
  const { consumerGroup, mqSet } = LockBatchRequestBody.decode(body);
  return [...group(consumerGroup), ...mqSet.flatMap((queue) => topic(queue.topic, SUB))];
};

/**
 * Who may send which command to a broker with access control: the one place that says it. A command that is not here
 * is not served then.
 *
 * Stricter than `PlainAccessResource` and `Permission.ADMIN_CODE`, which let every account read and change what they
 * don't mention.
 */
export const COMMAND_ACCESS: ReadonlyMap<number, CommandAccess> = new Map<number, CommandAccess>([
  [RequestCode.SEND_MESSAGE, sendsTo('topic')],
  [RequestCode.SEND_MESSAGE_V2, sendsTo('b')],
  [RequestCode.SEND_BATCH_MESSAGE, sendsTo('b')],
  [RequestCode.RECALL_MESSAGE, sendsTo('topic')],
  [RequestCode.END_TRANSACTION, sendsTo('topic')],
  // A reply goes to one client, through a topic of the cluster's.
  [RequestCode.SEND_REPLY_MESSAGE, 'account'],
  [RequestCode.SEND_REPLY_MESSAGE_V2, 'account'],

  [RequestCode.PULL_MESSAGE, consumes('consumerGroup')],
  [RequestCode.LITE_PULL_MESSAGE, consumes('consumerGroup')],
  [RequestCode.POP_MESSAGE, consumes('consumerGroup')],
  [RequestCode.PEEK_MESSAGE, consumes('consumerGroup')],
  [RequestCode.NOTIFICATION, consumes('consumerGroup')],
  [RequestCode.POLLING_INFO, consumes('consumerGroup')],
  [RequestCode.ACK_MESSAGE, acknowledges],
  [RequestCode.CHANGE_MESSAGE_INVISIBLETIME, acknowledges],
  [
    RequestCode.BATCH_ACK_MESSAGE,
    ({ body }) =>
      BatchAckMessageRequestBody.decode(body).acks.flatMap(({ t, c }) => [...topic(t, SUB), ...group(c)]),
  ],
  [RequestCode.QUERY_CONSUMER_OFFSET, consumes('consumerGroup')],
  [RequestCode.UPDATE_CONSUMER_OFFSET, consumes('consumerGroup')],
  [
    RequestCode.CONSUMER_SEND_MSG_BACK,
    (request) => [...topic(request.get('originTopic'), SUB), ...group(request.get('group'))],
  ],
  [RequestCode.LOCK_BATCH_MQ, locks],
  [RequestCode.UNLOCK_BATCH_MQ, locks],
  [RequestCode.GET_CONSUMER_LIST_BY_GROUP, (request) => group(request.get('consumerGroup'))],
  [
    RequestCode.QUERY_ASSIGNMENT,
    ({ body }) => {
      const query = QueryAssignmentRequestBody.decode(body);
      return [...topic(query.topic, SUB), ...group(query.consumerGroup)];
    },
  ],
  [
    RequestCode.HEART_BEAT,
    ({ body }) =>
      HeartbeatData.decode(body).consumerDataSet.flatMap(({ groupName, subscriptionDataSet }) => [
        ...group(groupName),
        ...subscriptionDataSet.flatMap((subscription) => topic(subscription.topic, SUB)),
      ]),
  ],
  [RequestCode.UNREGISTER_CLIENT, (request) => group(request.get('consumerGroup'))],
  [
    RequestCode.CHECK_CLIENT_CONFIG,
    ({ body }) => {
      const check = CheckClientRequestBody.decode(body);
      return [...group(check.group), ...topic(check.subscriptionData?.topic, SUB)];
    },
  ],

  [RequestCode.QUERY_MESSAGE, reads(SUB)],
  // By its place in the log, whatever its topic.
  [RequestCode.VIEW_MESSAGE_BY_ID, 'admin'],
  [RequestCode.SEARCH_OFFSET_BY_TIMESTAMP, reads(ANY)],
  [RequestCode.GET_MAX_OFFSET, reads(ANY)],
  [RequestCode.GET_MIN_OFFSET, reads(ANY)],
  [RequestCode.GET_EARLIEST_MSG_STORETIME, reads(ANY)],
  [RequestCode.GET_TOPIC_CONFIG, reads(ANY)],
  [RequestCode.GET_TOPIC_STATS_INFO, reads(ANY)],
  [RequestCode.QUERY_TOPIC_CONSUME_BY_WHO, reads(ANY)],
  [RequestCode.GET_SUBSCRIPTIONGROUP_CONFIG, (request) => group(request.get('group'))],
  [RequestCode.GET_CONSUMER_CONNECTION_LIST, (request) => group(request.get('consumerGroup'))],
  [RequestCode.GET_CONSUME_STATS, consumes('consumerGroup')],
  [RequestCode.QUERY_TOPICS_BY_CONSUMER, (request) => group(request.get('group'))],
  [RequestCode.QUERY_SUBSCRIPTION_BY_CONSUMER, consumes('group')],
  [RequestCode.QUERY_CONSUME_TIME_SPAN, consumes('group')],

  ...[
    RequestCode.UPDATE_AND_CREATE_TOPIC,
    RequestCode.UPDATE_AND_CREATE_TOPIC_LIST,
    RequestCode.UPDATE_AND_CREATE_STATIC_TOPIC,
    RequestCode.DELETE_TOPIC_IN_BROKER,
    RequestCode.GET_ALL_TOPIC_CONFIG,
    RequestCode.UPDATE_AND_CREATE_SUBSCRIPTIONGROUP,
    RequestCode.UPDATE_AND_CREATE_SUBSCRIPTIONGROUP_LIST,
    RequestCode.DELETE_SUBSCRIPTIONGROUP,
    RequestCode.GET_ALL_SUBSCRIPTIONGROUP_CONFIG,
    RequestCode.UPDATE_AND_GET_GROUP_FORBIDDEN,
    RequestCode.UPDATE_BROKER_CONFIG,
    RequestCode.UPDATE_AND_CREATE_ACL_CONFIG,
    RequestCode.DELETE_ACL_CONFIG,
    RequestCode.GET_BROKER_CLUSTER_ACL_INFO,
    RequestCode.UPDATE_GLOBAL_WHITE_ADDRS_CONFIG,
    RequestCode.GET_BROKER_CLUSTER_ACL_CONFIG,
    RequestCode.GET_BROKER_CONFIG,
    RequestCode.GET_BROKER_RUNTIME_INFO,
    RequestCode.GET_ALL_CONSUMER_OFFSET,
    RequestCode.GET_ALL_DELAY_OFFSET,
    RequestCode.GET_TIMER_CHECK_POINT,
    RequestCode.GET_TIMER_METRICS,
    RequestCode.GET_PRODUCER_CONNECTION_LIST,
    RequestCode.GET_ALL_PRODUCER_INFO,
    RequestCode.INVOKE_BROKER_TO_RESET_OFFSET,
    RequestCode.INVOKE_BROKER_TO_GET_CONSUMER_STATUS,
    RequestCode.GET_CONSUMER_RUNNING_INFO,
    RequestCode.CONSUME_MESSAGE_DIRECTLY,
    RequestCode.CLONE_GROUP_OFFSET,
    RequestCode.QUERY_CORRECTION_OFFSET,
    RequestCode.QUERY_CONSUME_QUEUE,
    RequestCode.VIEW_BROKER_STATS_DATA,
    RequestCode.GET_BROKER_CONSUME_STATS,
    RequestCode.GET_SYSTEM_TOPIC_LIST_FROM_BROKER,
    RequestCode.CLEAN_EXPIRED_CONSUMEQUEUE,
    RequestCode.CLEAN_UNUSED_TOPIC,
    RequestCode.DELETE_EXPIRED_COMMITLOG,
    RequestCode.RESUME_CHECK_HALF_MESSAGE,
    RequestCode.SET_MESSAGE_REQUEST_MODE,
    RequestCode.GET_ALL_MESSAGE_REQUEST_MODE,
    RequestCode.POP_ROLLBACK,
    RequestCode.GET_BROKER_HA_STATUS,
    RequestCode.EXCHANGE_BROKER_HA_INFO,
    RequestCode.NOTIFY_MIN_BROKER_ID_CHANGE,
    RequestCode.RESET_MASTER_FLUSH_OFFSET,
    RequestCode.GET_BROKER_EPOCH_CACHE,
  ].map((code): [number, CommandAccess] => [code, 'admin']),
]);

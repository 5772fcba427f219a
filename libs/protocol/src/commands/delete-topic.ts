/*
 * DELETE_TOPIC_IN_NAMESRV (216), admin to NameServer
 *   request  topic [clusterName]
 * DELETE_TOPIC_IN_BROKER (215), admin to broker
 *   request  topic [bname]
 */
import { RequestCode } from '../codes/request-code.ts';
import { command, header, optional, text, type EmptyHeader, type HeaderType } from './header-codec.ts';

const deleteTopicInNamesrvRequestHeader = header({
  topic: text,
  clusterName: optional(text),
});

/** The fields of DeleteTopicInNamesrv's request. */
export type DeleteTopicInNamesrvRequestHeader = HeaderType<typeof deleteTopicInNamesrvRequestHeader>;

/** The answer carries no fields. */
export type DeleteTopicInNamesrvResponseHeader = EmptyHeader;

/** Forgets the routes of a topic. */
export const DeleteTopicInNamesrv = command(
  RequestCode.DELETE_TOPIC_IN_NAMESRV,
  'DeleteTopicInNamesrv',
  deleteTopicInNamesrvRequestHeader,
);

const deleteTopicInBrokerRequestHeader = header({
  topic: text,
  bname: optional(text),
});

/** The fields of DeleteTopicInBroker's request. */
export type DeleteTopicInBrokerRequestHeader = HeaderType<typeof deleteTopicInBrokerRequestHeader>;

/** The answer carries no fields. */
export type DeleteTopicInBrokerResponseHeader = EmptyHeader;

/** Deletes a topic with its messages. */
export const DeleteTopicInBroker = command(
  RequestCode.DELETE_TOPIC_IN_BROKER,
  'DeleteTopicInBroker',
  deleteTopicInBrokerRequestHeader,
);

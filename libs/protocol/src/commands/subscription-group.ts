/*
 * UPDATE_AND_CREATE_SUBSCRIPTIONGROUP (200), admin to broker
 *   body     of the request: SubscriptionGroupConfig
 * DELETE_SUBSCRIPTIONGROUP (207), admin to broker
 *   request  groupName [cleanOffset:bool]
 * GET_ALL_SUBSCRIPTIONGROUP_CONFIG (201), admin to broker
 *   request  [groupSeq:i32] [dataVersion] [maxGroupNum:i32]
 *   answer   [totalGroupNum:i32]
 *   body     of the answer: SubscriptionGroupWrapper
 * GET_SUBSCRIPTIONGROUP_CONFIG (352), admin to broker
 *   request  group
 *   body     of the answer: SubscriptionGroupConfig
 */
import { RequestCode } from '../codes/request-code.ts';
import {
  bool,
  command,
  emptyHeader,
  header,
  int32,
  optional,
  orElse,
  text,
  type EmptyHeader,
  type HeaderType,
} from './header-codec.ts';

/** The request carries no fields. */
export type UpdateAndCreateSubscriptionGroupRequestHeader = EmptyHeader;

/** The answer carries no fields. */
export type UpdateAndCreateSubscriptionGroupResponseHeader = EmptyHeader;

/** Creates a consumer group or changes it. */
export const UpdateAndCreateSubscriptionGroup = command(
  RequestCode.UPDATE_AND_CREATE_SUBSCRIPTIONGROUP,
  'UpdateAndCreateSubscriptionGroup',
  emptyHeader,
);

const deleteSubscriptionGroupRequestHeader = header({
  groupName: text,
  cleanOffset: orElse(bool, false),
});

/** The fields of DeleteSubscriptionGroup's request. */
export type DeleteSubscriptionGroupRequestHeader = HeaderType<typeof deleteSubscriptionGroupRequestHeader>;

/** The answer carries no fields. */
export type DeleteSubscriptionGroupResponseHeader = EmptyHeader;

/** Deletes a consumer group. */
export const DeleteSubscriptionGroup = command(
  RequestCode.DELETE_SUBSCRIPTIONGROUP,
  'DeleteSubscriptionGroup',
  deleteSubscriptionGroupRequestHeader,
);

const getAllSubscriptionGroupConfigRequestHeader = header({
  groupSeq: optional(int32),
  dataVersion: optional(text),
  maxGroupNum: optional(int32),
});

/** The fields of GetAllSubscriptionGroupConfig's request. */
export type GetAllSubscriptionGroupConfigRequestHeader = HeaderType<
  typeof getAllSubscriptionGroupConfigRequestHeader
>;

const getAllSubscriptionGroupConfigResponseHeader = header({
  totalGroupNum: optional(int32),
});

/** The fields of GetAllSubscriptionGroupConfig's answer. */
export type GetAllSubscriptionGroupConfigResponseHeader = HeaderType<
  typeof getAllSubscriptionGroupConfigResponseHeader
>;

/** All consumer groups, or a page of them. */
export const GetAllSubscriptionGroupConfig = command(
  RequestCode.GET_ALL_SUBSCRIPTIONGROUP_CONFIG,
  'GetAllSubscriptionGroupConfig',
  getAllSubscriptionGroupConfigRequestHeader,
  getAllSubscriptionGroupConfigResponseHeader,
);

const getSubscriptionGroupConfigRequestHeader = header({
  group: text,
});

/** The fields of GetSubscriptionGroupConfig's request. */
export type GetSubscriptionGroupConfigRequestHeader = HeaderType<
  typeof getSubscriptionGroupConfigRequestHeader
>;

/** The answer carries no fields. */
export type GetSubscriptionGroupConfigResponseHeader = EmptyHeader;

/** One consumer group; 26 when there is none. */
export const GetSubscriptionGroupConfig = command(
  RequestCode.GET_SUBSCRIPTIONGROUP_CONFIG,
  'GetSubscriptionGroupConfig',
  getSubscriptionGroupConfigRequestHeader,
);

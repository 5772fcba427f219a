/*
 * BROKER_HEARTBEAT (904), broker to NameServer, one-way
 *   request  clusterName brokerAddr brokerName [brokerId:i64] [epoch:i32] [maxOffset:i64]
 *            [confirmOffset:i64] [heartbeatTimeoutMills:i64] [electionPriority:i32]
 */
import { RequestCode } from '../codes/request-code.ts';
import {
  command,
  header,
  int32,
  int64,
  optional,
  text,
  type EmptyHeader,
  type HeaderType,
} from './header-codec.ts';

const brokerHeartbeatRequestHeader = header({
  clusterName: text,
  brokerAddr: text,
  brokerName: text,
  brokerId: optional(int64),
  epoch: optional(int32),
  maxOffset: optional(int64),
  confirmOffset: optional(int64),
  heartbeatTimeoutMills: optional(int64),
  electionPriority: optional(int32),
});

/** The fields of BrokerHeartbeat's request. */
export type BrokerHeartbeatRequestHeader = HeaderType<typeof brokerHeartbeatRequestHeader>;

/** The answer carries no fields. */
export type BrokerHeartbeatResponseHeader = EmptyHeader;

/** Keeps a broker alive between registrations. */
export const BrokerHeartbeat = command(
  RequestCode.BROKER_HEARTBEAT,
  'BrokerHeartbeat',
  brokerHeartbeatRequestHeader,
);

/*
 * REGISTER_BROKER (103), broker to NameServer
 *   request  brokerName brokerAddr clusterName haServerAddr brokerId:i64 [heartbeatTimeoutMillis:i64]
 *            [enableActingMaster:bool] [compressed:bool] [bodyCrc32:i32]
 *   answer   [haServerAddr] [masterAddr]
 *   body     of the request RegisterBrokerBody; of the answer KVTable, the order configuration
 * UNREGISTER_BROKER (104), broker to NameServer
 *   request  brokerName brokerAddr clusterName brokerId:i64
 *
 * bodyCrc32 is the CRC32 of the body as sent, & 0x7fffffff; 0 is not checked.
 */
import { RequestCode } from '../codes/request-code.ts';
import {
  bool,
  command,
  header,
  int32,
  int64,
  optional,
  orElse,
  text,
  type EmptyHeader,
  type HeaderType,
} from './header-codec.ts';

const registerBrokerRequestHeader = header({
  brokerName: text,
  brokerAddr: text,
  clusterName: text,
  haServerAddr: text,
  brokerId: int64,
  heartbeatTimeoutMillis: optional(int64),
  enableActingMaster: optional(bool),
  compressed: orElse(bool, false),
  bodyCrc32: orElse(int32, 0),
});

/** The fields of RegisterBroker's request. */
export type RegisterBrokerRequestHeader = HeaderType<typeof registerBrokerRequestHeader>;

const registerBrokerResponseHeader = header({
  haServerAddr: optional(text),
  masterAddr: optional(text),
});

/** The fields of RegisterBroker's answer. */
export type RegisterBrokerResponseHeader = HeaderType<typeof registerBrokerResponseHeader>;

/** Announces a broker and its topics; repeated every 30 s. */
export const RegisterBroker = command(
  RequestCode.REGISTER_BROKER,
  'RegisterBroker',
  registerBrokerRequestHeader,
  registerBrokerResponseHeader,
);

const unregisterBrokerRequestHeader = header({
  brokerName: text,
  brokerAddr: text,
  clusterName: text,
  brokerId: int64,
});

/** The fields of UnregisterBroker's request. */
export type UnregisterBrokerRequestHeader = HeaderType<typeof unregisterBrokerRequestHeader>;

/** The answer carries no fields. */
export type UnregisterBrokerResponseHeader = EmptyHeader;

/** Takes a broker out of all routes. */
export const UnregisterBroker = command(
  RequestCode.UNREGISTER_BROKER,
  'UnregisterBroker',
  unregisterBrokerRequestHeader,
);

/*
 * WIPE_WRITE_PERM_OF_BROKER (205), admin to NameServer
 *   request  brokerName
 *   answer   wipeTopicCount:i32
 * ADD_WRITE_PERM_OF_BROKER (327), admin to NameServer
 *   request  brokerName
 *   answer   addTopicCount:i32
 */
import { RequestCode } from '../codes/request-code.ts';
import { command, header, int32, text, type HeaderType } from './header-codec.ts';

const wipeWritePermOfBrokerRequestHeader = header({
  brokerName: text,
});

/** The fields of WipeWritePermOfBroker's request. */
export type WipeWritePermOfBrokerRequestHeader = HeaderType<typeof wipeWritePermOfBrokerRequestHeader>;

const wipeWritePermOfBrokerResponseHeader = header({
  wipeTopicCount: int32,
});

/** The fields of WipeWritePermOfBroker's answer. */
export type WipeWritePermOfBrokerResponseHeader = HeaderType<typeof wipeWritePermOfBrokerResponseHeader>;

/** Takes the write permission from all topics of a broker. */
export const WipeWritePermOfBroker = command(
  RequestCode.WIPE_WRITE_PERM_OF_BROKER,
  'WipeWritePermOfBroker',
  wipeWritePermOfBrokerRequestHeader,
  wipeWritePermOfBrokerResponseHeader,
);

const addWritePermOfBrokerRequestHeader = header({
  brokerName: text,
});

/** The fields of AddWritePermOfBroker's request. */
export type AddWritePermOfBrokerRequestHeader = HeaderType<typeof addWritePermOfBrokerRequestHeader>;

const addWritePermOfBrokerResponseHeader = header({
  addTopicCount: int32,
});

/** The fields of AddWritePermOfBroker's answer. */
export type AddWritePermOfBrokerResponseHeader = HeaderType<typeof addWritePermOfBrokerResponseHeader>;

/** Gives it back. */
export const AddWritePermOfBroker = command(
  RequestCode.ADD_WRITE_PERM_OF_BROKER,
  'AddWritePermOfBroker',
  addWritePermOfBrokerRequestHeader,
  addWritePermOfBrokerResponseHeader,
);

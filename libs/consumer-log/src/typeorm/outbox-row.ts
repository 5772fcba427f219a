import { isUtf8 } from 'node:buffer';
import type { OutboxFields, OutboxMessage, OutboxRecord, OutboxStatus } from '../outbox/outbox-store.ts';

/** A row of the outbox as drivers give it: 64-bit numbers may be text. */
export interface OutboxRow {
  id: number | string;
  group_name: string;
  msg_topic: string;
  msg_tag: string;
  msg_key: string;
  msg_body: string;
  msg_status: number | string;
  create_time: number | string;
  msg_fields: string;
  hash_key: string;
  send_times: number | string;
  status_time: number | string;
  lease_owner: string;
  lease_until: number | string;
  remark: string;
}

export const OUTBOX_COLUMNS = [
  'id',
  'group_name',
  'msg_topic',
  'msg_tag',
  'msg_key',
  'msg_body',
  'msg_status',
  'create_time',
  'msg_fields',
  'hash_key',
  'send_times',
  'status_time',
  'remark',
] as const;

/** What `msg_fields` has: the message's other fields, and what the columns can't say exactly. */
interface StoredFields extends OutboxFields {
  hashKey?: string;
  encoding?: 'base64';
}

/** @param orderKey what `hash_key` has for the message's hash key */
export function outboxRow(
  message: OutboxMessage,
  status: OutboxStatus,
  orderKey: string,
): Omit<OutboxRow, 'id'> {
  const body = Buffer.from(message.body.buffer, message.body.byteOffset, message.body.byteLength);
  // A body that is text stays readable in the table.
  const text = isUtf8(body) && !body.includes(0);
  const fields: StoredFields = {
    ...message.fields,
    ...(message.hashKey === '' ? {} : { hashKey: message.hashKey }),
    ...(text ? {} : { encoding: 'base64' }),
  };
  return {
    group_name: message.groupName,
    msg_topic: message.msgTopic,
    msg_tag: message.msgTag,
    msg_key: message.msgKey,
    msg_body: body.toString(text ? 'utf8' : 'base64'),
    msg_status: status,
    create_time: message.createTime,
    msg_fields: JSON.stringify(fields),
    hash_key: orderKey,
    send_times: 0,
    status_time: message.createTime,
    lease_owner: '',
    lease_until: 0,
    remark: '',
  };
}

export function outboxRecord(row: OutboxRow): OutboxRecord {
  const { hashKey = '', encoding = 'utf8', ...fields } = JSON.parse(row.msg_fields) as StoredFields;
  return {
    id: String(row.id),
    groupName: row.group_name,
    msgTopic: row.msg_topic,
    msgTag: row.msg_tag,
    msgKey: row.msg_key,
    body: Buffer.from(row.msg_body, encoding),
    fields,
    hashKey,
    createTime: Number(row.create_time),
    msgStatus: Number(row.msg_status) as OutboxStatus,
    sendTimes: Number(row.send_times),
    statusTime: Number(row.status_time),
    remark: row.remark,
  };
}

import { DefaultMQProducer } from '@nest-rocketmq/client';
import type { JavaClient } from './java-client.ts';
import { PATIENT_SENDER } from './patient.ts';

/** When a message is to be delivered; one of them. */
export interface Delay {
  delayLevel?: number;
  delayTimeMs?: number;
  delayTimeSec?: number;
  deliverTimeMs?: number;
}

/** What a producer of delayed messages got back. */
export interface DelayedSent {
  status: string;
  msgId: string;
  recallHandle: string | undefined;
}

/** A producer of delayed messages, Apache's or ours. */
export interface TimerSender {
  send(topic: string, body: string, delay: Delay): Promise<DelayedSent>;
  /** @returns the message's id */
  recall(topic: string, recallHandle: string): Promise<string>;
  stop(): Promise<void>;
}

/** How a {@link TimerSender} is started. */
export type StartTimerSender = (nameServer: string) => Promise<TimerSender>;

let senders = 0;

/** Apache's `DefaultMQProducer`. */
export function javaTimerSender(client: JavaClient): StartTimerSender {
  return async (nameServer) => {
    const producer = `timers-${++senders}`;
    const call = <T>(name: string, parameters: object = {}): Promise<T> =>
      client.call(`timer.${name}`, { producer, ...parameters });
    await call('start', { nameServer });
    return {
      send(topic, body, delay) {
        const message = { topic, body: Buffer.from(body).toString('base64'), ...delay };
        return call('send', { message });
      },
      recall: (topic, recallHandle) => call('recall', { topic, recallHandle }),
      stop: () => call('stop'),
    };
  };
}

/** Our `DefaultMQProducer`. */
export const ourTimerSender: StartTimerSender = async (nameServer) => {
  const producer = new DefaultMQProducer({ group: `our-timers-${++senders}`, nameServer, ...PATIENT_SENDER });
  await producer.start();
  return {
    async send(topic, body, delay) {
      const { sendStatus, msgId, recallHandle } = await producer.send({
        topic,
        body: Buffer.from(body),
        ...delay,
      });
      return { status: sendStatus, msgId, recallHandle };
    },
    recall: (topic, recallHandle) => producer.recallMessage(topic, recallHandle),
    stop: () => producer.shutdown(),
  };
};

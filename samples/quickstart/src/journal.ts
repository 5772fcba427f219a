import { EventEmitter } from 'node:events';
import { Injectable } from '@nestjs/common';
import type { MessageContext, SendResult } from 'nest-rocketmq';
import type { Order } from './order.ts';

/** Writes down what happens, as it happens: one line each, after the seconds since the start of the process. */
@Injectable()
export class Journal {
  /** `came-again`: a message that failed before was consumed. */
  readonly events = new EventEmitter();

  sent(order: Order, { msgId, messageQueue, queueOffset, sendStatus }: SendResult): void {
    const where = `${messageQueue.brokerName} queue ${messageQueue.queueId} offset ${queueOffset}`;
    this.line('sent', `order ${order.id} of ${order.customer} -> ${where}, ${sendStatus}, msgId ${msgId}`);
  }

  consumed(order: Order, { attempt, queue, message }: MessageContext): void {
    const again = attempt > 1 ? `: it came again, attempt ${attempt}` : '';
    const where = `${queue.brokerName} queue ${queue.queueId} offset ${message.queueOffset}`;
    this.line('consumed', `order ${order.id} of ${order.customer} <- ${where}${again}`);
    if (attempt > 1) this.events.emit('came-again');
  }

  failed(order: Order, reason: string): void {
    this.line(
      'failed',
      `order ${order.id} of ${order.customer}: ${reason}, the broker brings it again in 1 s`,
    );
  }

  line(what: string, text: string): void {
    console.log(`${process.uptime().toFixed(2).padStart(7)} s  ${what.padEnd(8)}  ${text}`);
  }
}

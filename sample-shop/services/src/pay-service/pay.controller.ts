import { MessagePattern, Payload } from '@nestjs/microservices';
import { PAY_RPC } from '@sample-shop/api';
import type {
  CreatedPayment,
  CreatePayment,
  Id,
  PayApi,
  Payment,
  PaymentCallback,
  ServiceHealth,
} from '@sample-shop/api';
import { HealthOfService } from '../common/health/service-health.ts';
import { ServiceController } from '../common/rpc/service-controller.ts';
import { toPayment } from './pay.entities.ts';
import { PaymentCallbacks } from './payment-callbacks.ts';
import { Payments } from './payments.ts';

@ServiceController()
export class PayController implements PayApi {
  constructor(
    private readonly payments: Payments,
    private readonly callbacks: PaymentCallbacks,
    private readonly healthOf: HealthOfService,
  ) {}

  @MessagePattern(PAY_RPC.pattern('create'))
  create(@Payload() request: CreatePayment): Promise<CreatedPayment> {
    return this.payments.create(request);
  }

  @MessagePattern(PAY_RPC.pattern('callback'))
  async callback(@Payload() request: PaymentCallback): Promise<true> {
    await this.callbacks.take(request);
    return true;
  }

  @MessagePattern(PAY_RPC.pattern('find'))
  async find(@Payload() { payId }: { payId: Id }): Promise<Payment> {
    return toPayment(await this.payments.find(payId));
  }

  @MessagePattern(PAY_RPC.pattern('health'))
  health(): Promise<ServiceHealth> {
    return this.healthOf.check(PAY_RPC.service);
  }
}

import { MessagePattern } from '@nestjs/microservices';
import { PAY_RPC } from '@sample-shop/api';
import type { ServiceHealth } from '@sample-shop/api';
import { HealthOfService } from '../common/health/service-health.ts';
import { ServiceController } from '../common/rpc/service-controller.ts';

@ServiceController()
export class PayController {
  constructor(private readonly healthOf: HealthOfService) {}

  @MessagePattern(PAY_RPC.pattern('health'))
  health(): Promise<ServiceHealth> {
    return this.healthOf.check(PAY_RPC.service);
  }
}

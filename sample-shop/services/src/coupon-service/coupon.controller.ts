import { MessagePattern, Payload } from '@nestjs/microservices';
import { InjectRepository } from '@nestjs/typeorm';
import { Repository } from 'typeorm';
import { COUPON_RPC, ShopError } from '@sample-shop/api';
import type { Coupon, CouponApi, Id, ServiceHealth, UseCoupon } from '@sample-shop/api';
import { HealthOfService } from '../common/health/service-health.ts';
import { ServiceController } from '../common/rpc/service-controller.ts';
import { CouponEntity, toCoupon } from './coupon.entities.ts';
import { Coupons } from './coupons.ts';

@ServiceController()
export class CouponController implements CouponApi {
  constructor(
    @InjectRepository(CouponEntity) private readonly repository: Repository<CouponEntity>,
    private readonly coupons: Coupons,
    private readonly healthOf: HealthOfService,
  ) {}

  @MessagePattern(COUPON_RPC.pattern('ofUser'))
  async ofUser(@Payload() { userId }: { userId: Id }): Promise<Coupon[]> {
    const coupons = await this.repository.find({ where: { userId }, order: { couponId: 'ASC' } });
    return coupons.map(toCoupon);
  }

  @MessagePattern(COUPON_RPC.pattern('find'))
  async find(@Payload() { couponId }: { couponId: Id }): Promise<Coupon> {
    const coupon = await this.repository.findOneBy({ couponId });
    if (!coupon) throw new ShopError('COUPON_NOT_FOUND');
    return toCoupon(coupon);
  }

  @MessagePattern(COUPON_RPC.pattern('use'))
  async use(@Payload() request: UseCoupon): Promise<true> {
    await this.coupons.use(request);
    return true;
  }

  @MessagePattern(COUPON_RPC.pattern('health'))
  health(): Promise<ServiceHealth> {
    return this.healthOf.check(COUPON_RPC.service);
  }
}

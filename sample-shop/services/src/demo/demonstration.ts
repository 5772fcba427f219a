import type { Id, MoneyText } from '@sample-shop/api';

/** What an empty shop begins with when it is started for demonstration. The ids are fixed: services share nothing else. */
interface Demonstration {
  readonly goods: readonly {
    readonly goodsId: Id;
    readonly goodsName: string;
    readonly goodsNumber: number;
    readonly goodsPrice: MoneyText;
    readonly goodsDesc: string;
  }[];
  readonly users: readonly {
    readonly userId: Id;
    readonly userName: string;
    readonly userMobile: string;
    readonly userMoney: MoneyText;
  }[];
  readonly coupons: readonly {
    readonly couponId: Id;
    readonly userId: Id;
    readonly couponPrice: MoneyText;
  }[];
}

const ADA = '345988230098857984';
const GRACE = '345988230098857985';

export const DEMONSTRATION: Demonstration = {
  goods: [
    {
      goodsId: '345959443973935104',
      goodsName: 'Keyboard',
      goodsNumber: 100,
      goodsPrice: '129.00',
      goodsDesc: 'Mechanical, 87 keys; shipping is free',
    },
    {
      goodsId: '345959443973935105',
      goodsName: 'Desk lamp',
      goodsNumber: 50,
      goodsPrice: '45.50',
      goodsDesc: 'Warm light, dimmable',
    },
    {
      goodsId: '345959443973935106',
      goodsName: 'Telescope',
      goodsNumber: 10,
      goodsPrice: '1999.90',
      goodsDesc: 'A reflector with 200 mm; there are only ten',
    },
  ],
  users: [
    { userId: ADA, userName: 'Ada', userMobile: '+44 20 7946 0001', userMoney: '900.00' },
    { userId: GRACE, userName: 'Grace', userMobile: '+1 212 555 0102', userMoney: '100.00' },
  ],
  coupons: [
    { couponId: '345988230098857986', userId: ADA, couponPrice: '20.00' },
    { couponId: '345988230098857987', userId: ADA, couponPrice: '50.00' },
    { couponId: '345988230098857988', userId: GRACE, couponPrice: '20.00' },
    { couponId: '345988230098857989', userId: GRACE, couponPrice: '50.00' },
  ],
};

/** The order id of log rows that say what there was at first. */
export const NO_ORDER = '0';

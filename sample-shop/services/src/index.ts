export { readSettings, type Address, type ShopSettings } from './common/settings/settings.ts';
export {
  PARTS,
  SERVICES,
  WEBS,
  type PartName,
  type ServiceName,
  type WebName,
} from './common/settings/service-name.ts';
export { Shop } from './main/shop.ts';
export type { RunningPart, ShopLogger } from './main/start-part.ts';
export type { Books } from './books/books.ts';
export { checkBooks } from './books/check-books.ts';
export { describeBooks } from './books/describe-books.ts';
export { openBooks, readBooks } from './books/read-books.ts';

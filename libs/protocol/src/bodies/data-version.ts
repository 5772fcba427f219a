import { integer, record, type ShapeType } from '../json/shape.ts';
import { jsonBody, SMALL_BODY } from './body-codec.ts';

export const dataVersion = record({ timestamp: integer(), counter: integer(), stateVersion: integer() });

/** Which state of a table one has: two versions are the same state when all three numbers are equal. */
export type DataVersion = ShapeType<typeof dataVersion>;

/** The body of a data version query (322), both ways. */
export const DataVersion = jsonBody(dataVersion, SMALL_BODY);

/** Whether two versions say the same state. */
export function sameDataVersion(a: DataVersion, b: DataVersion): boolean {
  return a.timestamp === b.timestamp && a.counter === b.counter && a.stateVersion === b.stateVersion;
}

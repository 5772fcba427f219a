import { FieldTable } from './field-table.ts';
import type { RecentTexts } from './recent-texts.ts';

/** What the readers of a header fill in. Texts are positions in `text`, so that nothing is allocated. */
export interface HeaderSlots {
  code: number;
  flag: number;
  opaque: number;
  /** Where the scanner found the opaque; -1 when it did not. */
  opaqueStart: number;
  version: number;
  /** The buffer language and remark lie in. */
  text: Buffer;
  /** What is to be added to the positions in `text`. */
  shift: number;
  languageStart: number;
  languageEnd: number;
  /** -1 when there is no remark. */
  remarkStart: number;
  remarkEnd: number;
  remarkKind: number;
  readonly fields: FieldTable;
}

const NOTHING = Buffer.alloc(0);

/** Slots that say what an empty header says. */
export function createSlots(texts: RecentTexts): HeaderSlots {
  return {
    code: 0,
    flag: 0,
    opaque: 0,
    opaqueStart: -1,
    version: 0,
    text: NOTHING,
    shift: 0,
    languageStart: 0,
    languageEnd: 0,
    remarkStart: -1,
    remarkEnd: -1,
    remarkKind: 0,
    fields: new FieldTable(texts),
  };
}

/** Brings everything back to what an empty header says. */
export function resetSlots(slots: HeaderSlots, source: Buffer): void {
  slots.code = 0;
  slots.flag = 0;
  slots.opaque = 0;
  slots.opaqueStart = -1;
  slots.version = 0;
  slots.text = source;
  slots.shift = 0;
  slots.languageStart = 0;
  slots.languageEnd = 0;
  slots.remarkStart = -1;
  slots.remarkEnd = -1;
  slots.remarkKind = 0;
  slots.fields.reset(source);
}

/** Lets go of the buffer that they are about, which may be that of a large frame. */
export function releaseSlots(slots: HeaderSlots): void {
  slots.text = NOTHING;
  slots.fields.moveTo(NOTHING, 0);
}

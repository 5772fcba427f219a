/** A view of a buffer's bytes, for what reads many numbers: V8 reads them from it with one instruction each. */
export function viewOf(bytes: Buffer): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
}

/** A signed 64-bit integer as a number: exact up to 2^53, the nearest beyond. */
export function int64Of(view: DataView, at: number): number {
  return view.getInt32(at) * 0x1_0000_0000 + view.getUint32(at + 4);
}

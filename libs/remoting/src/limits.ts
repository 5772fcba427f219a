/**
 * What one connection, and all of them together, may cost this process. Every bound is checked before anything is
 * allocated for the bytes that would exceed it; a peer that exceeds one loses its connection and nothing else.
 */
export interface RemotingLimits {
  /** The longest frame, its length word included. Default 16 MiB (`com.rocketmq.remoting.frameMaxLength`). */
  maxFrameBytes: number;
  /** The longest header in a frame. Default 64 KiB. */
  maxHeaderBytes: number;
  /** How long a frame that began to arrive may take. Default 30 s. */
  partialFrameMs: number;
  /** The same for the first frame of a connection. Default 10 s; a peer that sends nothing falls under `idleMs`. */
  firstFrameMs: number;
  /** A connection on which nothing is read or written for so long is closed. Default 120 s, as in Java. */
  idleMs: number;
  /** More bytes than these waiting for a slow reader: its connection is closed. Default 64 MiB. */
  maxQueuedBytes: number;
  /** More bytes than these waiting: the connection's requests are not read until half is gone. Default 1 MiB. */
  highWaterBytes: number;
  /** Bytes wait and the peer takes none for so long: the connection is closed. Default 60 s. */
  stuckMs: number;
  /** Connections that a server accepts; one more is closed at once. Default 16384. */
  maxConnections: number;
  /** Connections that a server accepts of one address; one more is closed at once. Default 16384. */
  maxConnectionsPerIp: number;
  /** Memory for all frames that have arrived in part, of all connections of a server or client. Default 256 MiB. */
  partialBytesBudget: number;
  /** Own requests of one connection that wait for their answers. Default 65535, Java's async semaphore. */
  maxInFlight: number;
  /** The peer's requests of one connection whose promise is unsettled; one more is answered code 2. Default 8192. */
  maxPendingRequests: number;
  /** Their bodies, in bytes; when more are held, a further request is answered code 2. Default 64 MiB. */
  maxPendingBytes: number;
}

const MiB = 1024 * 1024;

/** The defaults of {@link RemotingLimits}. */
export const defaultLimits: Readonly<RemotingLimits> = {
  maxFrameBytes: 16 * MiB,
  maxHeaderBytes: 64 * 1024,
  partialFrameMs: 30_000,
  firstFrameMs: 10_000,
  idleMs: 120_000,
  maxQueuedBytes: 64 * MiB,
  highWaterBytes: MiB,
  stuckMs: 60_000,
  maxConnections: 16_384,
  maxConnectionsPerIp: 16_384,
  partialBytesBudget: 256 * MiB,
  maxInFlight: 65_535,
  maxPendingRequests: 8192,
  maxPendingBytes: 64 * MiB,
};

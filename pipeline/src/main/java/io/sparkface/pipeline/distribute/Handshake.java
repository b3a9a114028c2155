package io.sparkface.pipeline.distribute;

import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.ProtocolException;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.SecureRandom;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * Opening of every connection between processes of a run. Both sides prove that they hold the
 * secret of this attempt by HMAC-SHA256 over both sides' random numbers, before anything else is
 * read; a stranger learns nothing and gets nothing parsed.
 *
 * <pre>
 * caller   "SPKF" version rank callerNonce[32]
 * answerer answererNonce[32] hmac(secret, 'A' rank callerNonce answererNonce)
 * caller   hmac(secret, 'C' rank callerNonce answererNonce)
 * </pre>
 *
 * <p>What follows is neither encrypted nor signed: the network must be private (SECURITY.md).
 */
final class Handshake {
  private static final int MAGIC = 0x53504B46;
  private static final int VERSION = 1;
  private static final int NONCE = 32;
  private static final SecureRandom RANDOM = new SecureRandom();

  private final byte[] secret;

  Handshake(byte[] secret) {
    this.secret = secret.clone();
  }

  /** A new secret of 32 bytes. */
  static byte[] newSecret() {
    return nonce();
  }

  /** Opens as the caller, worker {@code rank}. */
  void call(InputStream from, OutputStream to, int rank) throws IOException {
    DataOutputStream out = new DataOutputStream(to);
    byte[] mine = nonce();
    out.writeInt(MAGIC);
    out.writeByte(VERSION);
    out.writeInt(rank);
    out.write(mine);
    out.flush();
    DataInputStream in = new DataInputStream(from);
    byte[] theirs = in.readNBytes(NONCE);
    require(in.readNBytes(NONCE), proof('A', rank, mine, theirs));
    out.write(proof('C', rank, mine, theirs));
    out.flush();
  }

  /** Answers a caller and returns its rank, which is below {@code workers}. */
  int answer(InputStream from, OutputStream to, int workers) throws IOException {
    DataInputStream in = new DataInputStream(from);
    if (in.readInt() != MAGIC || in.readByte() != VERSION) {
      throw new ProtocolException("not a Sparkface worker of this version");
    }
    int rank = in.readInt();
    if (rank < 0 || rank >= workers) {
      throw new ProtocolException("there is no worker " + rank);
    }
    byte[] theirs = in.readNBytes(NONCE);
    byte[] mine = nonce();
    to.write(mine);
    to.write(proof('A', rank, theirs, mine));
    to.flush();
    require(in.readNBytes(NONCE), proof('C', rank, theirs, mine));
    return rank;
  }

  private byte[] proof(char side, int rank, byte[] caller, byte[] answerer) {
    try {
      Mac mac = Mac.getInstance("HmacSHA256");
      mac.init(new SecretKeySpec(secret, "HmacSHA256"));
      mac.update((byte) side);
      mac.update(Integer.toString(rank).getBytes(java.nio.charset.StandardCharsets.US_ASCII));
      mac.update(caller);
      return mac.doFinal(answerer);
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every Java platform has HmacSHA256", e);
    }
  }

  private static void require(byte[] given, byte[] expected) throws ProtocolException {
    if (!MessageDigest.isEqual(given, expected)) {
      throw new ProtocolException("the other side does not hold this run's secret");
    }
  }

  private static byte[] nonce() {
    byte[] bytes = new byte[NONCE];
    RANDOM.nextBytes(bytes);
    return bytes;
  }
}

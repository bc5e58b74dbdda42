// Which server a TLS connection leads to, judged before anything is written to it. RFC 9110 §4.3.4

import type { Duplex } from 'node:stream';
import type { TLSSocket } from 'node:tls';

/**
 * Calls `verified` once the server at the other end of a connection, which may be new or one that an agent has kept, is
 * known to be the one that the URL names; else `refused`, with the reason.
 *
 * The agent that made the connection is not relied on: it may have been set to accept any certificate, or any host.
 */
export function whenVerified(
  url: URL,
  socket: Duplex,
  verified: () => void,
  refused: (reason: unknown) => void,
): void {
  const judge = () => {
    try {
      requireVerifiedServer(url, socket);
    } catch (reason) {
      refused(reason);
      return;
    }
    verified();
  };
  if (isTlsSocket(socket) && !isHandshakeDone(socket)) socket.once('secureConnect', judge);
  else judge();
}

function isTlsSocket(socket: Duplex): socket is TLSSocket {
  return socket instanceof process.getBuiltinModule('node:tls').TLSSocket;
}

// Node sets one of the two at the end of the handshake; before, the error is null, whatever its type says.
function isHandshakeDone({ authorized, authorizationError }: TLSSocket): boolean {
  return authorized || Boolean(authorizationError);
}

function requireVerifiedServer(url: URL, socket: Duplex): void {
  if (!isTlsSocket(socket)) {
    refuse(url, 'was reached without TLS; if there is a proxy, it may have refused the connection');
  }
  if (socket.destroyed) refuse(url, 'closed the connection');
  if (!socket.authorized) {
    refuse(
      url,
      `showed a certificate that was not verified (${String(socket.authorizationError)})`,
    );
  }
  // Node neither compares host names then nor has the certificate to do it here.
  if (socket.isSessionReused()) {
    refuse(
      url,
      'was reached by an agent that resumes a TLS session, in which the certificate is not verified again: ' +
        'let the agent do a full handshake, or give the key set an agent that nothing else uses',
    );
  }
  const { checkServerIdentity } = process.getBuiltinModule('node:tls');
  const hostname = url.hostname.replaceAll(/[[\]]/g, '');
  const mismatch = checkServerIdentity(hostname, socket.getPeerCertificate());
  if (mismatch !== undefined) throw mismatch;
}

function refuse(url: URL, what: string): never {
  // Without the query, which may hold a secret.
  throw new Error(`${url.origin}${url.pathname} ${what}`);
}
